import type { Sequential } from '../../ts/entrypoints/node.ts';
import {
  paperParameters,
  seedFiveLayer,
  seedThreeLayer,
  setPaperParameters,
  type SeedFiveLayerOptions,
  type SeedThreeLayerOptions,
} from '../../ts/entrypoints/presets.ts';
import { randomArray } from '../support/numbers.ts';
import type { Tensor } from './arrays.ts';

/** Samples of the batches. */
export const N = 3;

/** Learning rates, different ones. */
export const rates = { eta: 0.03125, alpha: 0.0625, beta: 0.015625 };

/** Weights of some size for every layer, so that all terms of a formula count. */
function fill(model: Sequential): Sequential {
  const shapes = Object.entries(paperParameters(model));
  const values = shapes.map(([name, { shape }], index) => {
    const { data } = randomArray(shape, 20 + index);
    return [name, { data: data.map((value) => 0.5 * value), shape }] as const;
  });
  setPaperParameters(model, Object.fromEntries(values));
  return model;
}

/** A network with a batch. */
export interface Computed {
  model: Sequential;
  x: ReturnType<typeof randomArray>;
  y: ReturnType<typeof randomArray>;
  /** By the paper's names: parameters, X, Y, and everything that a pass on the wasm engine computes. */
  of: Record<Name, Tensor>;
}

type Name =
  | ('X' | 'Y' | 'W' | 'b' | 'Wt' | 'bt' | 'Wb' | 'bb' | 'A' | 'Z' | 'T' | 'positions' | 'Q' | 'V' | 'U' | 'Yh')
  | ('E' | 'dX' | 'd1' | 'd2' | 'd3' | 'd4' | 'up(d2)' | 'dW' | 'db' | 'dWt' | 'dbt' | 'dWb' | 'dbb')
  | ('Wh' | 'bh' | 'M' | 'Zh' | 'dA' | 'dT' | 'up(dT)' | 'dM' | 'dWh' | 'dbh');

function compute(model: Sequential, seed = 7): Computed {
  const x = randomArray([N, ...model.inputShape], seed);
  const y = randomArray([N, ...model.outputShape], seed + 1);
  return { model, x, y, of: valuesOf(model, x, y) };
}

/** Everything that a pass over this batch computes. Asking for what the network does not have throws. */
export function valuesOf(model: Sequential, x: Computed['x'], y: Computed['y']): Record<Name, Tensor> {
  const { paper } = model.inspect({ x, y });
  // With one channel it is the same memory with channels before rows and columns.
  const X = { data: x.data, shape: [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!] };
  const values: Record<string, Tensor> = { ...paperParameters(model), ...paper, X, Y: y };
  return new Proxy(values, {
    get(all, name: Name) {
      if (!(name in all)) throw new Error(`the network has no ${name}`);
      return all[name];
    },
  });
}

/** The three-layer network on 8 x 7 pictures: 3 kernels, planes of 6 x 5, pooled to 3 x 3, 6 hidden units, 4 outputs. */
export function threeLayer(options: SeedThreeLayerOptions = {}): Computed {
  const sizes = { inputShape: [8, 7, 1], filters: 3, units: 6, classes: 4 } as const;
  const activations = { activation1: 'relu', activation3: 'tanh', activation4: 'sigmoid' } as const;
  return compute(fill(seedThreeLayer({ ...sizes, ...activations, rates, ...options })));
}

/** The five-layer network with the paper's planes of 13, 11, 6, 5 and 3 a side, and few kernels. */
export function fiveLayer(options: SeedFiveLayerOptions = {}): Computed {
  const sizes = { filters1: 3, filters2: 4, units1: 6, units2: 5, classes: 4 };
  const activations = { activation1: 'tanh', activation3: 'tanh', activation4: 'sigmoid' } as const;
  return compute(fill(seedFiveLayer({ ...sizes, ...activations, rates, ...options })));
}
