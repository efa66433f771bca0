import type { UpdateLowering } from '../plan/compile.ts';

/** How parameters are updated. Rates may be changed between steps, e.g. by a callback. */
export interface Optimizer {
  readonly name: string;
  /** Rate of every layer without one of its own. */
  learningRate: number;
  /** Rates of single layers, by their names. */
  perLayer: Readonly<Record<string, number>>;
  readonly lowering: UpdateLowering;
}

/** The rate of a layer now. */
export function rateOf(optimizer: Optimizer, layer: string): number {
  return optimizer.perLayer[layer] ?? optimizer.learningRate;
}
