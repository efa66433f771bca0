import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { number } from '../options.ts';
import type { UpdateLowering } from '../plan/compile.ts';

/** Rates of layers by their names. */
export type LayerRates = Readonly<Record<string, number>>;

/**
 * How parameters are updated. Rates may be changed between steps, e.g. by a callback; one that is no number >= 0 throws
 * an OptionError. What is kept from step to step belongs to each model, so that models can share an optimizer.
 */
export interface Optimizer {
  readonly name: string;
  /** Its options beside the rates, with defaults, as plain data. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Rate of every layer without one of its own. */
  learningRate: number;
  /** Rates of single layers, by their names. To change them, set all anew. */
  perLayer: LayerRates;
  readonly lowering: UpdateLowering;
}

/** The rate of a layer now. */
export function rateOf(optimizer: Optimizer, layer: string): number {
  return optimizer.perLayer[layer] ?? optimizer.learningRate;
}

/** All rates of an optimizer now. */
export interface Rates {
  learningRate: number;
  perLayer: LayerRates;
}

export function ratesOf({ learningRate, perLayer }: Optimizer): Rates {
  return { learningRate, perLayer };
}

/** Sets them to what they were. */
export function restoreRates(optimizer: Optimizer, { learningRate, perLayer }: Rates): void {
  optimizer.learningRate = learningRate;
  optimizer.perLayer = perLayer;
}

/** An optimizer from its rates, its other options and the step that it lowers to. Throws an OptionError for a rate that is none. */
export function makeOptimizer(
  name: string,
  rates: { learningRate: number; perLayer: LayerRates | undefined },
  config: Readonly<Record<string, unknown>>,
  lowering: UpdateLowering,
): Optimizer {
  let learningRate = number(name, 'learningRate', rates.learningRate, 0);
  let perLayer = checkRates(name, rates.perLayer);
  return {
    name,
    config: Object.freeze({ ...config }),
    get learningRate() {
      return learningRate;
    },
    set learningRate(value) {
      learningRate = number(name, 'learningRate', value, 0);
    },
    get perLayer() {
      return perLayer;
    },
    set perLayer(value) {
      perLayer = checkRates(name, value);
    },
    lowering,
  };
}

function checkRates(name: string, rates: LayerRates = {}): LayerRates {
  if (typeof rates !== 'object' || rates === null) {
    throw new OptionError(`${name}: perLayer must be an object of rates by layer, got ${describe(rates)}`);
  }
  for (const [layer, rate] of Object.entries(rates)) number(name, `perLayer.${layer}`, rate, 0);
  return Object.freeze({ ...rates });
}
