import { setTimeout as pause } from 'node:timers/promises';
import type { ClockName } from './clocks.ts';
import type { Contender } from './contender.ts';
import type { RunReply } from './protocol.ts';

/** Before each slice: by then the threads of whoever ran before have stopped looking for work. */
const PAUSE_MS = 5;

/** A contender with a workload loaded, measured in slices of a number of steps that last long enough. */
export class Slices {
  readonly #contender: Contender;
  readonly #sliceMs: number;
  readonly #clock: ClockName;
  #steps = 1;

  constructor(contender: Contender, { sliceMs, clock }: { sliceMs: number; clock: ClockName }) {
    this.#contender = contender;
    this.#sliceMs = sliceMs;
    this.#clock = clock;
  }

  /** One step that goes on from the last one. */
  async step(): Promise<RunReply> {
    await pause(PAUSE_MS);
    return this.#contender.run({ steps: 1, reset: false, clock: this.#clock });
  }

  /** Milliseconds per step of one slice, which starts from the first weights. */
  async next(): Promise<number> {
    await pause(PAUSE_MS);
    const { ms } = await this.#contender.run({ steps: this.#steps, reset: true, clock: this.#clock });
    return ms / this.#steps;
  }

  /** Runs for so long, until optimized code runs, and finds how many steps a slice takes. */
  async warmUp(ms: number): Promise<void> {
    for (let spent = 0; spent < ms;) {
      const step = await this.next();
      spent += step * this.#steps;
      this.#steps = Math.max(1, Math.ceil(this.#sliceMs / Math.max(step, 1e-3)));
    }
  }
}
