import { checkKnown, pair } from '../../options.ts';
import type { Shape } from '../../shape.ts';
import { conv2dGeometry, type Conv2dGeometry, type Padding, type Pair } from '../geometry.ts';
import { checkPadding } from '../padding.ts';
import type { Activation } from '../activation.ts';
import { checkWinograd, type Winograd } from '../winograd.ts';
import { checkElementwise } from './activation.ts';
import { axesOf, namedAxes, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';
import {
  weightGradients,
  weightGradientOptions,
  type GradientBuffers,
  type WeightGradientOptions,
  type WeightGradients,
} from './weightGradients.ts';

/** How the kernel moves over the input. */
export interface Conv2dCallOptions {
  /** Number, or [height, width]. Default 1. */
  strides?: number | Pair;
  /** `valid` (default), `same`, or zeros as `[[top, bottom], [left, right]]`. */
  padding?: Padding;
  /** Which of Winograd's algorithms may be taken. Default `auto`. */
  winograd?: Winograd;
}

const imageAxes = ['N', 'height', 'width', 'channels'] as const;
const weightAxes = ['kernelHeight', 'kernelWidth', 'channels', 'filters'] as const;
const outputAxes = ['N', 'outHeight', 'outWidth', 'filters'] as const;
const windowOptions: readonly string[] = ['strides', 'padding', 'winograd'];

function geometryOf(
  where: string,
  [height, width, channels]: readonly [number, number, number],
  kernelSize: Pair,
  filters: number,
  { strides = 1, padding = 'valid' }: Conv2dCallOptions,
): Conv2dGeometry {
  return conv2dGeometry(where, [height, width, channels], {
    filters,
    kernelSize,
    strides: pair(where, 'strides', strides),
    padding: checkPadding(where, padding),
  });
}

const outputShape = (samples: number, { outHeight, outWidth, outChannels }: Conv2dGeometry): Shape => [
  samples,
  outHeight,
  outWidth,
  outChannels,
];

/**
 * 2D convolution (cross-correlation): `output[n,y,x,o] = f(bias[o] + sum_{i,j,c} input[n, y*s+i-p, x*s+j-p, c] *
 * weight[i,j,c,o])`. Input `[N, height, width, channels]`, weight `[kernelHeight, kernelWidth, channels, filters]`, bias
 * `[filters]`; result `[N, outHeight, outWidth, filters]`. Throws a ShapeError where these do not go together.
 */
export function conv2dForward<Out extends MaybeBuffer = undefined>(
  input: Tensor,
  weight: Tensor,
  options: Conv2dCallOptions & Into<Out> & { bias?: Tensor; activation?: Activation | 'identity' } = {},
): Result<Out> {
  const where = 'conv2dForward';
  checkKnown(where, options, [...windowOptions, 'bias', 'activation', ...intoOptions]);
  const [samples, ...image] = axesOf(where, 'input', input, imageAxes);
  const [kernelHeight, kernelWidth, , filters] = axesOf(where, 'weight', weight, weightAxes);
  const geometry = geometryOf(where, image, [kernelHeight, kernelWidth], filters, options);
  return resultOf<Out>(where, 'output', {
    engine: options.engine,
    samples,
    attributes: {
      geometry,
      winograd: checkWinograd(where, options.winograd),
      activation: checkElementwise(where, options.activation),
    },
    operands: {
      input: { value: input, shape: [samples, ...image] },
      weight: { value: weight, shape: [kernelHeight, kernelWidth, image[2], filters] },
      bias: options.bias && { value: options.bias, shape: [filters] },
      output: { value: options.out, shape: outputShape(samples, geometry) },
    },
  });
}

/**
 * Gradient of the input of {@link conv2dForward} without an activation, from the gradient of its output: the adjoint of
 * the convolution. `inputShape` `[N, height, width, channels]` is the shape of the input and of the result, which
 * strides leave open.
 */
export function conv2dBackwardInput<Out extends MaybeBuffer = undefined>(
  gradOutput: Tensor,
  weight: Tensor,
  options: Conv2dCallOptions & Into<Out> & { inputShape: Shape },
): Result<Out> {
  const where = 'conv2dBackwardInput';
  checkKnown(where, options, [...windowOptions, 'inputShape', ...intoOptions]);
  const [samples, ...image] = namedAxes(where, 'inputShape', options.inputShape, imageAxes);
  const [kernelHeight, kernelWidth, , filters] = axesOf(where, 'weight', weight, weightAxes);
  const geometry = geometryOf(where, image, [kernelHeight, kernelWidth], filters, options);
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples,
    attributes: { geometry, winograd: checkWinograd(where, options.winograd) },
    operands: {
      gradOutput: { value: gradOutput, shape: outputShape(samples, geometry) },
      weight: { value: weight, shape: [kernelHeight, kernelWidth, image[2], filters] },
      gradInput: { value: options.out, shape: [samples, ...image] },
    },
  });
}

/**
 * Gradients of the weight and the bias of {@link conv2dForward} without an activation, summed over the batch. The
 * filters are those of `gradOutput`; `kernelSize` is a number or [height, width].
 */
export function conv2dBackwardWeight<const Out extends GradientBuffers = object>(
  input: Tensor,
  gradOutput: Tensor,
  options: Conv2dCallOptions & WeightGradientOptions<Out> & { kernelSize: number | Pair },
): WeightGradients<Out> {
  const where = 'conv2dBackwardWeight';
  checkKnown(where, options, [...windowOptions, 'kernelSize', ...weightGradientOptions]);
  const [samples, ...image] = axesOf(where, 'input', input, imageAxes);
  const [, , , filters] = axesOf(where, 'gradOutput', gradOutput, outputAxes);
  const kernelSize = pair(where, 'kernelSize', options.kernelSize);
  const geometry = geometryOf(where, image, kernelSize, filters, options);
  return weightGradients(where, options, {
    samples,
    attributes: { geometry, winograd: checkWinograd(where, options.winograd) },
    weightShape: [...kernelSize, image[2], filters],
    operands: {
      input: { value: input, shape: [samples, ...image] },
      gradOutput: { value: gradOutput, shape: outputShape(samples, geometry) },
    },
  });
}
