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

/** The numbers of each weight, first layer first and kernel before bias, in the order in which kernels keep them. */
export type Values = Float32Array[];

/** Two dense layers, `first` and `second`, of sizes that are no multiples of four. */
export function twoLayers(optimizer: Optimizer | OptimizerName): Sequential {
  const model = sequential(
    [
      layers.input({ shape: [4] }),
      layers.dense({ name: 'first', units: 3, biasInitializer: 'glorotUniform' }),
      layers.dense({ name: 'second', units: 5, biasInitializer: 'glorotUniform' }),
    ],
    { seed: 5 },
  );
  model.compile({ optimizer, loss: losses.halfSquaredError() });
  return model;
}

/** Copies of the model's weights. */
export function valuesOf(model: Sequential): Values {
  return model.views(({ parameters, ranges }) =>
    ranges.map(({ offset, length }) => parameters.slice(offset, offset + length)),
  );
}

/** Gradients for the model, of about `scale`, that differ from step to step. */
export function gradientsOf(model: Sequential, step: number, scale = 1): Values {
  const numbers = new Numbers(1000 + step);
  return valuesOf(model).map((values) => values.map(() => scale * numbers.next()));
}

/** Updates the model with these gradients instead of those of a batch. */
export function applyGradients(model: Sequential, gradients: Values): void {
  model.views((views) => views.ranges.forEach(({ offset }, i) => views.gradients.set(gradients[i]!, offset)));
  model.applyGradients();
}

/** As {@link applyGradients}, with those of {@link gradientsOf} in steps from `from` to below `to`. */
export function train(model: Sequential, from: number, to: number): void {
  for (let step = from; step < to; step++) applyGradients(model, gradientsOf(model, step));
}

/** A float64 reference of the model's weights, stepped beside it. */
export class Shadow {
  readonly #updates: Update[];
  readonly #layers: readonly string[];
  #values: number[][];

  constructor(model: Sequential, makeUpdate: () => Update) {
    this.#values = valuesOf(model).map((values) => [...values]);
    this.#updates = this.#values.map(() => makeUpdate());
    this.#layers = model.views(({ ranges }) => ranges.map(({ layer }) => layer));
  }

  /** Steps with a rate for each layer, default the optimizer's; one of 0 leaves a layer and what is kept for it alone. */
  step(gradients: Values, rates: Readonly<Record<string, number>> = {}): void {
    this.#values = this.#values.map((values, i) => {
      const rate = rates[this.#layers[i]!];
      return rate === 0 ? values : this.#updates[i]!(values, gradients[i]!, rate);
    });
  }

  /** Fails unless the model's weights lie within `tolerance` of these. */
  expectSame(what: string, model: Sequential, tolerance: number): void {
    valuesOf(model).forEach((values, i) => expectWithin(`${what}, weight ${i}`, values, this.#values[i]!, tolerance));
  }
}
