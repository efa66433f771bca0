/** What the platform may offer to come back soon, ahead of other tasks. */
interface Scheduling {
  scheduler?: { yield?: () => Promise<void> };
  setImmediate?: (callback: () => void) => unknown;
}

/**
 * Lets the event loop run: rendering, input, other promises. Never a timer, which browsers clamp to milliseconds and
 * slow down in background tabs.
 */
export function yieldToEventLoop(): Promise<void> {
  const { scheduler, setImmediate } = globalThis as Scheduling;
  if (scheduler?.yield !== undefined) return scheduler.yield();
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
