import { OptionError } from '../errors.ts';
import { checkKnown, number } from '../model/options.ts';
import { describe } from '../ndarray.ts';
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
  let rate = checkRate(learningRate);
  let rates = checkRates(perLayer);
  return {
    name: 'sgd',
    get learningRate() {
      return rate;
    },
    set learningRate(value) {
      rate = checkRate(value);
    },
    get perLayer() {
      return rates;
    },
    set perLayer(value) {
      rates = checkRates(value);
    },
    lowering: {
      slots: 0,
      update: (layer, { parameter, gradient, size }) => step('sgdUpdate', layer, { parameter, gradient }, { size }),
    },
  };
}

function checkRate(rate: number): number {
  return number('sgd', 'learningRate', rate, 0);
}

function checkRates(rates: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  if (typeof rates !== 'object' || rates === null) {
    throw new OptionError(`sgd: perLayer must be an object of rates by layer, got ${describe(rates)}`);
  }
  for (const [layer, rate] of Object.entries(rates)) number('sgd', `perLayer.${layer}`, rate, 0);
  return Object.freeze({ ...rates });
}
