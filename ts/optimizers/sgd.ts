import { checkDescentOptions, descentOptionNames, type DescentOptions } from '../ops/updateOptions.ts';
import { checkKnown } from '../options.ts';
import type { UpdateLowering } from '../plan/compile.ts';
import { step } from '../plan/plan.ts';
import { makeOptimizer, type LayerRates, type Optimizer } from './optimizer.ts';

/** Options of {@link sgd}. */
export interface SgdOptions extends DescentOptions {
  /** Default 0.01. */
  learningRate?: number;
  /** Rates of single layers by name, instead of `learningRate`. A rate of 0 leaves a layer untouched, bit for bit. */
  perLayer?: LayerRates;
}

/**
 * Stochastic gradient descent: `p = p - rate * (dE/dp + weightDecay * p)`. The gradient is that of the loss as it is
 * defined: of a sum for `halfSquaredError`, of a mean for the cross entropies. Source: MODEL section 3 (update), eq. 4, 9.
 *
 * With momentum, `v = momentum * v + dE/dp` takes the place of the gradient, and with `nesterov` as well
 * `dE/dp + momentum * v`, as in PyTorch and TensorFlow.js: Sutskever et al. 2013, "On the importance of initialization
 * and momentum in deep learning". The decay is Keras', decoupled: it does not go into `v`.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkKnown('sgd', options, ['learningRate', ...descentOptionNames, 'perLayer']);
  const { learningRate = 0.01, perLayer } = options;
  const config = checkDescentOptions('sgd', options);
  return makeOptimizer('sgd', { learningRate, perLayer }, config, lower(config));
}

function lower({ momentum, nesterov, weightDecay }: Required<DescentOptions>): UpdateLowering {
  if (momentum === 0) {
    return {
      slots: 0,
      counters: 0,
      plainDescent: weightDecay === 0,
      update: (layer, { parameter, gradient, size }) =>
        step('sgdUpdate', layer, { parameter, gradient }, { size, weightDecay }),
    };
  }
  const attributes = { momentum, nesterov, weightDecay };
  return {
    slots: 1,
    counters: 0,
    update: (layer, { parameter, gradient, slots: [velocity], size }) =>
      step('sgdMomentumUpdate', layer, { parameter, gradient, velocity }, { size, ...attributes }),
  };
}
