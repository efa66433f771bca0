import {
  layers,
  losses,
  sequential,
  type Optimizer,
  type OptimizerName,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectWithin } from '../support/compare.ts';
import { Numbers } from '../support/numbers.ts';
import type { Update } from '../support/reference/optimizers.ts';

/** Gradients of all weights, in the order of `getWeights()`. */
export type Gradients = Float32Array[];

/** Two dense layers whose ranges end within a vector: 4 x 3 + 3 and 3 x 5 + 5 parameters. */
export function twoLayers(optimizer: Optimizer | OptimizerName): Sequential {
  const model = sequential(
    [
      layers.input({ shape: [4] }),
      layers.dense({ name: 'first', units: 3 }),
      layers.dense({ name: 'second', units: 5 }),
    ],
    { seed: 5 },
  );
  model.compile({ optimizer, loss: losses.halfSquaredError() });
  return model;
}

/** Sizes of its weights, and the layer of each. */
export const WEIGHTS = [
  { layer: 'first', length: 12 },
  { layer: 'first', length: 3 },
  { layer: 'second', length: 15 },
  { layer: 'second', length: 5 },
];

/** Gradients that differ from step to step, of about `scale`. */
export function gradientsOf(step: number, scale = 1): Gradients {
  const numbers = new Numbers(1000 + step);
  return WEIGHTS.map(({ length }) => Float32Array.from({ length }, () => scale * numbers.next()));
}

/** Updates the model with these gradients instead of those of a batch. */
export function applyGradients(model: Sequential, gradients: Gradients): void {
  model.views((views) =>
    views.ranges.forEach(({ offset }, i) => {
      views.gradients.set(gradients[i]!, offset);
    }),
  );
  model.applyGradients();
}

/** A float64 reference of the model's weights, stepped beside it. */
export class Shadow {
  readonly #updates: Update[];
  #weights: number[][];

  constructor(model: Sequential, makeUpdate: () => Update) {
    this.#weights = model.getWeights().map(({ data }) => [...data]);
    this.#updates = this.#weights.map(() => makeUpdate());
  }

  /** Steps with a rate for each layer, default the optimizer's; one of 0 leaves its layer and what is kept for it alone. */
  step(gradients: Gradients, rates: Readonly<Record<string, number>> = {}): void {
    this.#weights = this.#weights.map((values, i) => {
      const rate = rates[WEIGHTS[i]!.layer];
      return rate === 0 ? values : this.#updates[i]!(values, gradients[i]!, rate);
    });
  }

  /** Fails unless the model's weights lie within `tolerance` of these. */
  expectSame(what: string, model: Sequential, tolerance: number): void {
    model
      .getWeights()
      .forEach(({ data }, i) => expectWithin(`${what}, weight ${i}`, data, this.#weights[i]!, tolerance));
  }
}
