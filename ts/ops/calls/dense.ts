import { checkKnown } from '../../options.ts';
import type { Activation } from '../activation.ts';
import { checkElementwise } from './activation.ts';
import { axesOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';
import {
  weightGradientOptions,
  weightGradients,
  type GradientBuffers,
  type WeightGradientOptions,
  type WeightGradients,
} from './weightGradients.ts';

/**
 * `output = f(input weight + bias)`: input `[N, inputs]`, weight `[inputs, units]`, bias `[units]`, result
 * `[N, units]`. Throws a ShapeError where these do not go together.
 */
export function denseForward<Out extends MaybeBuffer = undefined>(
  input: Tensor,
  weight: Tensor,
  options: Into<Out> & { bias?: Tensor; activation?: Activation | 'identity' } = {},
): Result<Out> {
  const where = 'denseForward';
  checkKnown(where, options, ['bias', 'activation', ...intoOptions]);
  const [samples, inputs] = axesOf(where, 'input', input, ['N', 'inputs']);
  const [, units] = axesOf(where, 'weight', weight, ['inputs', 'units']);
  return resultOf<Out>(where, 'output', {
    engine: options.engine,
    samples,
    attributes: { inputs, units, activation: checkElementwise(where, options.activation) },
    operands: {
      input: { value: input, shape: [samples, inputs] },
      weight: { value: weight, shape: [inputs, units] },
      bias: options.bias && { value: options.bias, shape: [units] },
      output: { value: options.out, shape: [samples, units] },
    },
  });
}

/** Gradient of the input of {@link denseForward} without an activation: `gradOutput weight^T`, `[N, inputs]`. */
export function denseBackwardInput<Out extends MaybeBuffer = undefined>(
  gradOutput: Tensor,
  weight: Tensor,
  options: Into<Out> = {},
): Result<Out> {
  const where = 'denseBackwardInput';
  checkKnown(where, options, intoOptions);
  const [samples, units] = axesOf(where, 'gradOutput', gradOutput, ['N', 'units']);
  const [inputs] = axesOf(where, 'weight', weight, ['inputs', 'units']);
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples,
    attributes: { inputs, units },
    operands: {
      gradOutput: { value: gradOutput, shape: [samples, units] },
      weight: { value: weight, shape: [inputs, units] },
      gradInput: { value: options.out, shape: [samples, inputs] },
    },
  });
}

/**
 * Gradients of the weight, `input^T gradOutput`, and of the bias, the column sums of `gradOutput`, of
 * {@link denseForward} without an activation; summed over the batch.
 */
export function denseBackwardWeight<const Out extends GradientBuffers = object>(
  input: Tensor,
  gradOutput: Tensor,
  options: WeightGradientOptions<Out> = {},
): WeightGradients<Out> {
  const where = 'denseBackwardWeight';
  checkKnown(where, options, weightGradientOptions);
  const [samples, inputs] = axesOf(where, 'input', input, ['N', 'inputs']);
  const [, units] = axesOf(where, 'gradOutput', gradOutput, ['N', 'units']);
  return weightGradients(where, options, {
    samples,
    attributes: { inputs, units },
    weightShape: [inputs, units],
    operands: {
      input: { value: input, shape: [samples, inputs] },
      gradOutput: { value: gradOutput, shape: [samples, units] },
    },
  });
}
