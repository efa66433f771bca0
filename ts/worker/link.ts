import { wrap } from 'comlink';
import { OptionError, StateError } from '../errors.ts';
import { fromMessage, type Answer } from './errors.ts';
import type { TrainerService } from './protocol.ts';

/** An end of a connection: a `Worker`, or what looks like one. Comlink's own type would become one of ours. */
export interface Endpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void;
}

/** A thread with a {@link TrainerService}, as an environment starts it. */
export interface TrainerThread {
  endpoint: Endpoint;
  terminate(): void;
  /** In browsers: what it holds while it lives, and what to do once it does. */
  lifeline?: { name: string; watch: () => void };
  /** Whether it keeps the process alive. */
  hold(alive: boolean): void;
}

/** Starts one; it may say once, at any time, that it ended by itself. */
export type StartThread = (onEnd: (reason: string) => void) => Promise<TrainerThread>;

/** Calls to a thread, none of which outlives it. */
export class Link {
  readonly #thread: TrainerThread;
  readonly #service: TrainerService;
  readonly #pending = new Set<(reason: StateError) => void>();
  #ended: StateError | undefined;

  private constructor(thread: TrainerThread) {
    this.#thread = thread;
    this.#service = wrap<TrainerService>(thread.endpoint);
    thread.hold(false);
  }

  static async start(start: StartThread): Promise<Link> {
    let early: string | undefined;
    let end = (reason: string): void => void (early = reason);
    const link = new Link(await start((reason) => end(reason)));
    end = (reason) => link.#end(`the thread ended (${reason}); what the last checkpoint wrote stays`);
    if (early !== undefined) end(early);
    return link;
  }

  /** What the thread is to hold while it lives. */
  get lifeline(): TrainerThread['lifeline'] {
    return this.#thread.lifeline;
  }

  /** The service, for calls without an answer. */
  get service(): TrainerService {
    return this.#service;
  }

  /** The value that a call answers with. Rejects with its error, or with a StateError when the thread ends before. */
  call<T>(where: string, call: (service: TrainerService) => Promise<Answer<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#pending.add(reject);
      if (this.#pending.size === 1) this.#thread.hold(true);
      const settle = (act: () => void): void => {
        if (this.#pending.delete(reject) && this.#pending.size === 0) this.#thread.hold(false);
        act();
      };
      call(this.#service).then(
        (answer) => settle(() => ('error' in answer ? reject(fromMessage(answer.error)) : resolve(answer.value))),
        (error: Error) => settle(() => reject(asSendError(where, error))),
      );
    });
  }

  /** Ends the thread, and all calls with a StateError. */
  dispose(): void {
    this.#end('disposed');
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = new StateError(`trainer: ${reason}`);
    this.#thread.terminate();
    for (const reject of this.#pending) reject(this.#ended);
    this.#pending.clear();
  }
}

/** What cannot be cloned is an option of the wrong kind. */
function asSendError(where: string, error: Error): Error {
  if (error.name !== 'DataCloneError') return error;
  return new OptionError(`${where}: cannot be sent to the thread: ${error.message}`, { cause: error });
}
