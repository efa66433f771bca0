import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type {
  LoadReply,
  LoadRequest,
  PeakReply,
  PeakRequest,
  ProfileReply,
  ProfileRequest,
  Request,
  RunReply,
  RunRequest,
} from './protocol.ts';

/** A request that takes longer has failed: minutes for a slow peer, and no end for one that hangs. */
const LIMIT_MS = 15 * 60_000;

interface Waiting {
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** What to start. */
export interface Command {
  file: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/**
 * A child process that runs workloads on request. One request at a time. A refused request rejects with the
 * contender's own words; a process that ended rejects every later one.
 */
export class Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  #lastError = '';
  #waiting: Waiting | undefined;
  #ended: Error | undefined;

  constructor(name: string, { file, args, env }: Command) {
    this.name = name;
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', (cause) => this.#end(new Error(`${name}: cannot start ${file}`, { cause })));
    this.#child.on('exit', (code, signal) => {
      const said = this.#lastError && `: ${this.#lastError}`;
      this.#end(new Error(`${name}: ended with ${signal ?? code}${said}`));
    });
    // A write to a process that has ended is reported by `exit`.
    this.#child.stdin!.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#answer(line));
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      // The sentence of an error, in Python and, without the trace behind it, in JavaScript.
      if (/error/i.test(line)) this.#lastError = line.trim();
    });
  }

  load(request: Omit<LoadRequest, 'op'>): Promise<LoadReply> {
    return this.#request({ op: 'load', ...request }) as Promise<LoadReply>;
  }

  run(request: Omit<RunRequest, 'op'>): Promise<RunReply> {
    return this.#request({ op: 'run', ...request }) as Promise<RunReply>;
  }

  profile(request: Omit<ProfileRequest, 'op'>): Promise<ProfileReply> {
    return this.#request({ op: 'profile', ...request }) as Promise<ProfileReply>;
  }

  peak(request: Omit<PeakRequest, 'op'>): Promise<PeakReply> {
    return this.#request({ op: 'peak', ...request }) as Promise<PeakReply>;
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Ends the process. */
  stop(reason = 'stopped'): void {
    this.#end(new Error(`${this.name}: ${reason}`));
    this.#child.kill('SIGKILL');
  }

  #request(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const limit = setTimeout(() => this.stop(`no answer after ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(limit);
          settle(value);
        };
      this.#waiting = { resolve: settled(resolve), reject: settled(reject) };
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Lines that are no answer are what some library prints on its own. */
  #answer(line: string): void {
    if (!line.startsWith('{')) return;
    const { error, ...reply } = JSON.parse(line) as { error?: string };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new Error(`${this.name}: ${error}`));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
