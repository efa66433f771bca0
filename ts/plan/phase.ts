import type { Engine } from '../engine/engine.ts';
import type { Pace } from '../engine/pacer.ts';

/** A bound step, as a function of the number of samples. */
export type Run = (samples: number) => number | void;

/** Steps that run one after the other. Their time tells an engine with threads how many of them pay. */
export class Phase {
  readonly runs: readonly Run[];
  readonly #engine: Engine;
  readonly #pace: Pace = new Map();

  constructor(engine: Engine, runs: readonly Run[]) {
    this.#engine = engine;
    this.runs = runs;
  }

  run(samples: number): void {
    const { pacer } = this.#engine;
    const started = pacer?.begin(this.#pace, samples);
    this.#engine.run(() => {
      for (const run of this.runs) run(samples);
    });
    pacer?.end(this.#pace, samples, started!);
  }
}
