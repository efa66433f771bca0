import type { Sequential } from 'fourlane';
import type { Work } from '../experiment/work.ts';
import type { Batch } from '../problems/problem.ts';

/** Learning rates: eta of the output layer, alpha of all others (alpha = beta). */
export interface Rates {
  eta: number;
  alpha: number;
}

/** One call into the engine. */
export interface Call {
  /** Before the call. */
  loss: number;
  /** What the method needs of it. */
  work: Work;
}

/** A way of descending. */
export interface Method {
  name: string;
  /** Whether a call computes nothing that the method does not need, so that its time can be compared. */
  timed: boolean;
  /** Trains on and on; the model is left to it. `batch(step)` gives the samples of each pass. */
  train(model: Sequential, rates: Rates, batch: (step: number) => Batch): Generator<Call, void, void>;
}
