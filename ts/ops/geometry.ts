import { ShapeError } from '../errors.ts';
import { printShape } from '../shape.ts';

/** Height and width. */
export type Pair = readonly [number, number];

/** Keras' `valid` (none) and `same` (output = ceil(input / stride), the odd cell at the end), or explicit zeros. */
export type Padding = 'valid' | 'same' | readonly [readonly [number, number], readonly [number, number]];

/** Every size of one 2D convolution, per sample. Pads are [top, bottom, left, right]. */
export interface Conv2dGeometry {
  inHeight: number;
  inWidth: number;
  inChannels: number;
  kernelHeight: number;
  kernelWidth: number;
  outChannels: number;
  strideHeight: number;
  strideWidth: number;
  padTop: number;
  padBottom: number;
  padLeft: number;
  padRight: number;
  outHeight: number;
  outWidth: number;
}

/** Sizes, strides and padding of a max pooling, per sample. */
export interface MaxPool2dGeometry {
  inHeight: number;
  inWidth: number;
  channels: number;
  poolHeight: number;
  poolWidth: number;
  strideHeight: number;
  strideWidth: number;
  padTop: number;
  padLeft: number;
  outHeight: number;
  outWidth: number;
  /** Padding counts as 0 and wins over negative cells; otherwise it never wins. */
  padWithZero: boolean;
}

/** How the seed's pooling sizes its output (MODEL.md section 2, "Max pooling"). */
export interface PoolRounding {
  rounding: 'floor' | 'ceil';
  padSide: 'end' | 'start';
}

/** Padding of one axis as [before, after] for an explicit or named mode. */
function padAxis(padding: Padding, axis: 0 | 1, size: number, window: number, stride: number): Pair {
  if (padding === 'valid') return [0, 0];
  if (padding !== 'same') return [padding[axis][0], padding[axis][1]];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * Sizes of a convolution: `out = floor((in + pads - kernel) / stride) + 1` per axis.
 * Throws a ShapeError when the kernel is larger than the padded input.
 */
export function conv2dGeometry(
  where: string,
  [inHeight, inWidth, inChannels]: readonly [number, number, number],
  options: { filters: number; kernelSize: Pair; strides: Pair; padding: Padding },
): Conv2dGeometry {
  const { filters, kernelSize, strides, padding } = options;
  const [padTop, padBottom] = padAxis(padding, 0, inHeight, kernelSize[0], strides[0]);
  const [padLeft, padRight] = padAxis(padding, 1, inWidth, kernelSize[1], strides[1]);
  const roomHeight = inHeight + padTop + padBottom - kernelSize[0];
  const roomWidth = inWidth + padLeft + padRight - kernelSize[1];
  if (roomHeight < 0 || roomWidth < 0) {
    throw new ShapeError(
      `${where}: kernelSize ${printShape(kernelSize)} does not fit input ${printShape([inHeight, inWidth])} ` +
        `with padding ${JSON.stringify(padding)}`,
    );
  }
  return {
    inHeight,
    inWidth,
    inChannels,
    kernelHeight: kernelSize[0],
    kernelWidth: kernelSize[1],
    outChannels: filters,
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop,
    padBottom,
    padLeft,
    padRight,
    outHeight: Math.floor(roomHeight / strides[0]) + 1,
    outWidth: Math.floor(roomWidth / strides[1]) + 1,
  };
}

/** Output size and padding before the first cell, for one axis of a pooling. */
function poolAxis(size: number, pool: number, stride: number, padding: 'valid' | 'same', round: PoolRounding): Pair {
  if (padding === 'same') {
    return [Math.ceil(size / stride), padAxis('same', 0, size, pool, stride)[0]];
  }
  if (round.rounding === 'floor') return [Math.floor((size - pool) / stride) + 1, 0];
  let out = Math.ceil((size - pool) / stride) + 1;
  // A stride beyond the window can leave the last one (or, padded at the start, the first one) without a real cell.
  if (out > 1 && (out - 1) * stride + pool - size >= pool) out -= 1;
  const total = Math.max(0, (out - 1) * stride + pool - size);
  return [out, round.padSide === 'start' ? total : 0];
}

/** Sizes of a max pooling. Throws a ShapeError when no window fits. */
export function maxPool2dGeometry(
  where: string,
  [inHeight, inWidth, channels]: readonly [number, number, number],
  options: { poolSize: Pair; strides: Pair; padding: 'valid' | 'same'; padValue: 'zero' | '-inf' } & PoolRounding,
): MaxPool2dGeometry {
  const { poolSize, strides, padding } = options;
  const [outHeight, padTop] = poolAxis(inHeight, poolSize[0], strides[0], padding, options);
  const [outWidth, padLeft] = poolAxis(inWidth, poolSize[1], strides[1], padding, options);
  if (outHeight < 1 || outWidth < 1) {
    throw new ShapeError(
      `${where}: poolSize ${printShape(poolSize)} does not fit input ${printShape([inHeight, inWidth])} ` +
        `with padding ${JSON.stringify(padding)}`,
    );
  }
  return {
    inHeight,
    inWidth,
    channels,
    poolHeight: poolSize[0],
    poolWidth: poolSize[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop,
    padLeft,
    outHeight,
    outWidth,
    padWithZero: options.padValue === 'zero',
  };
}
