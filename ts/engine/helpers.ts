import type { HelperMessage, HelperTask, HelperThread, ThreadPlatform } from './platform.ts';

/** Milliseconds that a helper has to start; 30 are usual. */
const START_LIMIT_MS = 10_000;
/** Milliseconds that helpers have to end by themselves once they are told to; 10 are usual. */
const STOP_LIMIT_MS = 1000;

/** The threads of an engine beside the calling one: asleep unless a kernel runs, and in nobody's way when all else ends. */
export class Helpers {
  readonly count: number;
  /** Called when one dies that was not told to end. */
  onFailure: (reason: string) => void = () => {};
  readonly #alive = new Set<HelperThread>();
  #ending = false;

  private constructor(count: number) {
    this.count = count;
  }

  /** Starts so many helpers on a memory; all are ready to serve, or it throws and none is left. */
  static async start(platform: ThreadPlatform, count: number, task: Omit<HelperTask, 'worker'>): Promise<Helpers> {
    const helpers = new Helpers(count);
    try {
      await Promise.all(Array.from({ length: count }, (_, i) => helpers.#start(platform, { ...task, worker: i + 1 })));
    } catch (error) {
      helpers.terminate();
      throw error;
    }
    return helpers;
  }

  /** They were told to end; those that do not are made to. */
  expectEnd(): void {
    this.#ending = true;
    const timer: unknown = setTimeout(() => this.terminate(), STOP_LIMIT_MS);
    // In Node a timer keeps the process alive.
    (timer as { unref?: () => void }).unref?.();
  }

  /** Ends them wherever they are. */
  terminate(): void {
    this.#ending = true;
    for (const thread of this.#alive) thread.terminate();
    this.#alive.clear();
  }

  async #start(platform: ThreadPlatform, task: HelperTask): Promise<void> {
    const { promise: ready, resolve, reject } = deferred();
    let thread: HelperThread | undefined;
    const onEnd = (reason: string): void => {
      reject(new Error(reason));
      if (thread !== undefined) this.#forget(thread, reason);
    };
    const onMessage = (message: HelperMessage): void => {
      if (message === 'ready') resolve();
      else onEnd(message === 'stopped' ? message : message.failure);
    };
    const timer = setTimeout(() => onEnd(`no answer within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    try {
      thread = await platform.startHelper({ onMessage, onEnd });
      if (this.#ending) return thread.terminate();
      this.#alive.add(thread);
      thread.postMessage(task);
      await ready;
      thread.unref();
    } finally {
      clearTimeout(timer);
    }
  }

  #forget(thread: HelperThread, reason: string): void {
    thread.terminate();
    if (this.#alive.delete(thread) && !this.#ending) this.onFailure(reason);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (reason: Error) => void } {
  let settle!: { resolve: () => void; reject: (reason: Error) => void };
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever awaits it hears of it; nobody may have come to that yet.
  promise.catch(() => {});
  return { promise, ...settle };
}
