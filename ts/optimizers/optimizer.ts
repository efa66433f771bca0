import type { UpdateLowering } from '../plan/compile.ts';

/**
 * How parameters are updated. Rates may be changed between steps, e.g. by a callback; one that is no number >= 0 throws
 * an OptionError.
 */
export interface Optimizer {
  readonly name: string;
  /** Rate of every layer without one of its own. */
  learningRate: number;
  /** Rates of single layers, by their names. To change them, set all anew. */
  perLayer: Readonly<Record<string, number>>;
  readonly lowering: UpdateLowering;
}

/** The rate of a layer now. */
export function rateOf(optimizer: Optimizer, layer: string): number {
  return optimizer.perLayer[layer] ?? optimizer.learningRate;
}
