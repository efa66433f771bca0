import { adamOptionNames, checkAdamOptions, type AdamMomentOptions } from '../ops/updateOptions.ts';
import { checkKnown } from '../options.ts';
import { step } from '../plan/plan.ts';
import { makeOptimizer, type LayerRates, type Optimizer } from './optimizer.ts';

/** Options of {@link adam} and {@link adamw}. */
export interface AdamOptions extends AdamMomentOptions {
  /** Default 0.001. */
  learningRate?: number;
  /**
   * Shrinks every weight and bias by `learningRate * weightDecay` of itself, beside the gradient. Default 0, for
   * `adamw` 0.004.
   */
  weightDecay?: number;
  /** Rates of single layers by name, instead of `learningRate`. A rate of 0 leaves a layer untouched, bit for bit. */
  perLayer?: LayerRates;
}

/**
 * Adam: `p = p - rate * (mHat / (sqrt(vHat) + epsilon) + weightDecay * p)`, where `m` and `v` are running means of the
 * gradient and of its square, `mHat = m / (1 - beta1^t)` and `vHat = v / (1 - beta2^t)` in the layer's t-th update.
 * Source: Kingma and Ba 2015, arXiv:1412.6980; epsilon stands outside the root, as in PyTorch and TensorFlow.js. Moments
 * below 2^-100 become 0. The decay is decoupled, as in Keras: PyTorch's `Adam` adds its own to the gradient.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return makeAdam('adam', options, 0);
}

/** {@link adam} with a `weightDecay` of 0.004. Source: Loshchilov and Hutter 2019, arXiv:1711.05101; defaults of Keras. */
export function adamw(options: AdamOptions = {}): Optimizer {
  return makeAdam('adamw', options, 0.004);
}

function makeAdam(name: string, options: AdamOptions, defaultDecay: number): Optimizer {
  checkKnown(name, options, ['learningRate', ...adamOptionNames, 'perLayer']);
  const { learningRate = 0.001, weightDecay = defaultDecay, perLayer } = options;
  const attributes = checkAdamOptions(name, options, weightDecay);
  return makeOptimizer(name, { learningRate, perLayer }, attributes, {
    slots: 2,
    counters: 1,
    update: (layer, { parameter, gradient, slots: [firstMoment, secondMoment], counters: [steps], size }) =>
      step('adamUpdate', layer, { parameter, gradient, firstMoment, secondMoment, steps }, { size, ...attributes }),
  });
}
