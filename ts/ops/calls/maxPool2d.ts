import { DataError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import { checkKnown } from '../../options.ts';
import { type Shape } from '../../shape.ts';
import { maxPool2dGeometry, type MaxPool2dGeometry } from '../geometry.ts';
import { checkMaxPool2dOptions, maxPool2dOptionNames, type MaxPool2dOptions } from '../maxPool2dOptions.ts';
import { callKernel, type OpOptions } from './call.ts';
import type { EngineBuffer } from './engineBuffer.ts';
import { axesOf, elementsOf, namedAxes, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result, type Results } from './result.ts';

const imageAxes = ['N', 'height', 'width', 'channels'] as const;

/** Where maxima and positions are written. */
export interface MaxPool2dBuffers {
  readonly output?: EngineBuffer;
  readonly positions?: EngineBuffer<'int32'>;
}

function geometryOf(
  where: string,
  image: readonly [number, number, number],
  options: MaxPool2dOptions,
): MaxPool2dGeometry {
  return maxPool2dGeometry(where, image, checkMaxPool2dOptions(where, options));
}

const outputShape = (samples: number, { outHeight, outWidth, channels }: MaxPool2dGeometry): Shape => [
  samples,
  outHeight,
  outWidth,
  channels,
];

/**
 * Max pooling of `[N, height, width, channels]`. Returns `output` `[N, outHeight, outWidth, channels]`, the largest
 * entry of each window, and `positions` of the same shape, where in its plane that is: `row * width + column`, the
 * first of several, or -1 where zero padding won. NaN wins a window. Throws a ShapeError when no window fits.
 */
export function maxPool2dForward<const Out extends MaxPool2dBuffers = object>(
  input: Tensor,
  options: MaxPool2dOptions & OpOptions & { out?: Out } = {},
): Results<Out, { output: NDArray<Float32Array>; positions: NDArray<Int32Array> }> {
  const where = 'maxPool2dForward';
  checkKnown(where, options, [...maxPool2dOptionNames, ...intoOptions]);
  checkKnown(`${where}: out`, options.out ?? {}, ['output', 'positions']);
  const [samples, ...image] = axesOf(where, 'input', input, imageAxes);
  const geometry = geometryOf(where, image, options);
  const shape = outputShape(samples, geometry);
  const { results } = callKernel(where, {
    engine: options.engine,
    samples,
    attributes: { geometry },
    operands: {
      input: { value: input, shape: [samples, ...image] },
      output: { value: options.out?.output, shape },
      positions: { value: options.out?.positions, shape, dtype: 'int32' },
    },
  });
  return results as Results<Out, { output: NDArray<Float32Array>; positions: NDArray<Int32Array> }>;
}

/**
 * Gradient of the input of {@link maxPool2dForward}: each entry of `gradOutput` added at its position, dropped at -1.
 * `inputShape` `[N, height, width, channels]` is the shape of the input and of the result. Throws a DataError for a
 * position outside the plane.
 */
export function maxPool2dBackward<Out extends MaybeBuffer = undefined>(
  gradOutput: Tensor,
  positions: Tensor<'int32'>,
  options: MaxPool2dOptions & Into<Out> & { inputShape: Shape },
): Result<Out> {
  const where = 'maxPool2dBackward';
  checkKnown(where, options, [...maxPool2dOptionNames, 'inputShape', ...intoOptions]);
  const [samples, ...image] = namedAxes(where, 'inputShape', options.inputShape, imageAxes);
  const geometry = geometryOf(where, image, options);
  const shape = outputShape(samples, geometry);
  const cells = image[0] * image[1];
  const elements = elementsOf(where, 'positions', positions);
  const wrong = elements.findIndex((position) => position < -1 || position >= cells);
  if (wrong >= 0) {
    throw new DataError(`${where}: positions[${wrong}] is ${elements[wrong]}, expected an integer in [-1, ${cells})`);
  }
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples,
    attributes: { geometry },
    operands: {
      gradOutput: { value: gradOutput, shape },
      positions: { value: positions, shape, dtype: 'int32' },
      gradInput: { value: options.out, shape: [samples, ...image] },
    },
  });
}
