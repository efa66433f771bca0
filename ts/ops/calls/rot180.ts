import { ShapeError } from '../../errors.ts';
import { checkNDArray, type NDArray } from '../../ndarray.ts';
import { checkKnown, integer } from '../../options.ts';
import { printShape, sizeOf } from '../../shape.ts';
import { rot180 as turn } from '../rot180.ts';

/** Options of {@link rot180}. */
export interface Rot180Options {
  /** The axis of the rows; that of the columns follows it. Default 0, as in kernels `[height, width, ...]`. */
  axis?: number;
}

/**
 * Turns planes by 180 degrees: rows and columns in reverse order. Kernels `[height, width, ...]` by default, pictures
 * `[N, height, width, channels]` with `axis: 1`. Returns a new array of the same shape; needs no engine. Throws a
 * ShapeError where there are no two such axes.
 */
export function rot180<T extends Float32Array | Int32Array | Uint8Array>(
  array: NDArray<T>,
  options: Rot180Options = {},
): NDArray<T> {
  checkKnown('rot180', options, ['axis']);
  const axis = integer('rot180', 'axis', options.axis ?? 0, 0);
  checkNDArray('rot180', array);
  const { data, shape } = array;
  if (shape.length < axis + 2) {
    throw new ShapeError(`rot180: expected axes ${axis} and ${axis + 1}, got ${printShape(shape)}`);
  }
  const cells = shape[axis]! * shape[axis + 1]!;
  const outer = sizeOf(shape.slice(0, axis));
  const size = data.length / Math.max(outer, 1);
  const turned = data.slice() as T;
  for (let i = 0; i < outer; i++) turned.set(turn(data.subarray(i * size, (i + 1) * size) as T, cells), i * size);
  return { ...array, data: turned, shape: [...shape] };
}
