import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { boolean, number } from '../options.ts';

/** Options of gradient descent beside its rate, of the optimizer and of calls without a model. */
export interface DescentOptions {
  /** What is kept of the velocity at each step, in [0, 1]. Default 0. */
  momentum?: number;
  /** Look ahead by the momentum, as Nesterov did; without momentum there is nothing to look ahead by. Default `false`. */
  nesterov?: boolean;
  /** Shrinks every weight and bias by `learningRate * weightDecay` of itself, beside the gradient. Default 0. */
  weightDecay?: number;
}

/** Options of Adam beside its rate, of the optimizer and of calls without a model. */
export interface AdamMomentOptions {
  /** What is kept of the mean of the gradients at each step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** What is kept of the mean of their squares at each step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the root of that mean; above 0. Default 1e-7. */
  epsilon?: number;
}

/** Names of {@link DescentOptions}. */
export const descentOptionNames: readonly string[] = ['momentum', 'nesterov', 'weightDecay'];

/** Names of {@link AdamMomentOptions}, and the decay that goes with them. */
export const adamOptionNames: readonly string[] = ['beta1', 'beta2', 'epsilon', 'weightDecay'];

/** The smallest float32 with all its bits: anything less might round to 0. */
const LEAST_EPSILON = 1.1754943508222875e-38;

/** Checks the options and fills in defaults. Throws an OptionError for what is out of range. */
export function checkDescentOptions(where: string, options: DescentOptions): Required<DescentOptions> {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  return {
    momentum: number(where, 'momentum', momentum, 0, 1),
    nesterov: boolean(where, 'nesterov', nesterov),
    weightDecay: number(where, 'weightDecay', weightDecay, 0),
  };
}

/** Checks the options and fills in defaults. Throws an OptionError for what is out of range. */
export function checkAdamOptions(
  where: string,
  options: AdamMomentOptions,
  weightDecay: number,
): Required<AdamMomentOptions> & { weightDecay: number } {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  return {
    beta1: fraction(where, 'beta1', beta1),
    beta2: fraction(where, 'beta2', beta2),
    epsilon: number(where, 'epsilon', epsilon, LEAST_EPSILON),
    weightDecay: number(where, 'weightDecay', weightDecay, 0),
  };
}

/** `value`, when it is a number in [0, 1). */
function fraction(where: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
    throw new OptionError(`${where}: ${name} must be a number in [0, 1), got ${describe(value)}`);
  }
  return value;
}
