import type { LayerInfo } from '../model/architecture.ts';
import type { NDArray } from '../ndarray.ts';
import { sizeOf, type Shape } from '../shape.ts';

/** Axis `i` of the result is axis `axes[i]` of the array; a copy. */
function permute<T extends Float32Array | Int32Array>(
  { data, shape }: NDArray<T>,
  axes: readonly number[],
): NDArray<T> {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = axes.map((axis) => shape[axis]!);
  const target = data.slice() as T;
  const fill = (axis: number, from: number, to: number): number => {
    const stride = strides[axes[axis]!]!;
    for (let i = 0; i < result[axis]!; i++, from += stride) {
      if (axis < axes.length - 1) to = fill(axis + 1, from, to);
      else target[to++] = data[from]!;
    }
    return to;
  };
  if (axes.length > 0) fill(0, 0, 0);
  return { data: target, shape: result };
}

const reshaped = <T extends Float32Array>({ data }: NDArray<T>, shape: Shape): NDArray<T> => ({ data, shape });

/** Values of samples: `[N, height, width, channels]` as `[N, channels, height, width]`, others as they are. Copies. */
export function samplesToPaper<T extends Float32Array | Int32Array>(array: NDArray<T>): NDArray<T> {
  return permute(array, array.shape.length === 4 ? [0, 3, 1, 2] : array.shape.map((_, axis) => axis));
}

/**
 * A weight as the paper lays it out (MODEL section 1): kernels `[S, C, kh, kw]`, `[S, kh, kw]` when shared, dense
 * `[units, inputs]`, biases as they are. A copy.
 */
export function weightToPaper(layer: LayerInfo, weight: NDArray<Float32Array>): NDArray<Float32Array> {
  if (weight.shape.length === 2) return permute(weight, [1, 0]);
  if (weight.shape.length !== 4) return permute(weight, [0]);
  const turned = permute(weight, [3, 2, 0, 1]);
  return reshaped(turned, paperShape(layer, weight.shape));
}

/** Inverse of {@link weightToPaper} for a weight of shape `shape`. */
export function weightFromPaper(array: NDArray<Float32Array>, shape: Shape): NDArray<Float32Array> {
  if (shape.length === 2) return permute(array, [1, 0]);
  if (shape.length !== 4) return permute(array, [0]);
  const [height, width, channels, filters] = shape as [number, number, number, number];
  return permute(reshaped(array, [filters, channels, height, width]), [2, 3, 1, 0]);
}

/** Shape in the paper's layout of a weight of shape `shape`. */
export function paperShape({ config }: LayerInfo, shape: Shape): Shape {
  if (shape.length === 2) return [shape[1]!, shape[0]!];
  if (shape.length !== 4) return shape;
  const [height, width, channels, filters] = shape as [number, number, number, number];
  const { channelMode } = config as { channelMode?: string };
  return channelMode === 'shared' ? [filters, height, width] : [filters, channels, height, width];
}
