import { checkKnown, number } from '../model/options.ts';
import { step } from '../plan/plan.ts';
import type { Optimizer } from './optimizer.ts';

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Default 0.01. */
  learningRate?: number;
  /** Rates of single layers by name, instead of `learningRate`. A rate of 0 leaves a layer untouched, bit for bit. */
  perLayer?: Readonly<Record<string, number>>;
}

/**
 * Stochastic gradient descent: `p = p - rate * dE/dp`. The gradient is that of the loss as it is defined: of a sum
 * for `halfSquaredError`, of a mean for the cross entropies. Source: MODEL section 3 (update), eq. 4, 9.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkKnown('sgd', options, ['learningRate', 'perLayer']);
  const { learningRate = 0.01, perLayer = {} } = options;
  number('sgd', 'learningRate', learningRate, 0);
  for (const [layer, rate] of Object.entries(perLayer)) number('sgd', `perLayer.${layer}`, rate, 0);
  return {
    name: 'sgd',
    learningRate,
    perLayer: { ...perLayer },
    lowering: {
      slots: 0,
      update: (layer, { parameter, gradient, size }) => step('sgdUpdate', layer, { parameter, gradient }, { size }),
    },
  };
}
