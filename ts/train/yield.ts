/** Node's own; browsers do not have it. */
interface Scheduling {
  setImmediate?: (callback: () => void) => unknown;
}

/**
 * Lets the event loop run: rendering, input, timers, answers from the network. Never a timer, which browsers clamp to
 * milliseconds and slow down in background tabs, and not `scheduler.yield()`: its continuation comes before all other
 * tasks of its priority, so that a loop of them leaves timers, messages and clicks waiting for the end of training.
 */
export function yieldToEventLoop(): Promise<void> {
  const { setImmediate } = globalThis as Scheduling;
  if (setImmediate !== undefined) return new Promise((resolve) => void setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Yields once `everyMs` have passed since the last time. */
export class Yielder {
  readonly #everyMs: number;
  #last = performance.now();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** True when it is time; call {@link run} then. Apart, so that a step that need not yield makes no promise. */
  get due(): boolean {
    return performance.now() - this.#last >= this.#everyMs;
  }

  async run(): Promise<void> {
    await yieldToEventLoop();
    this.#last = performance.now();
  }
}

/** Milliseconds of computing between two yields: a frame at 60 Hz. */
export const YIELD_EVERY_MS = 16;
