import { ShapeError } from './errors.ts';

/** Sizes of the axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements of a shape; 1 for `[]`. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[N, 28, 28, 1]`: a batch of samples of this shape, as messages print it. */
export function batchShape(shape: Shape): string {
  return `[${['N', ...shape].join(', ')}]`;
}

/** `[2, 3]`, as messages print it. */
export function printShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** True when both have the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Throws a ShapeError when `shape` is not a list of integers of at least `least`. */
export function checkShape(where: string, shape: unknown, least = 1): asserts shape is Shape {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= least)) {
    throw new ShapeError(`${where}: expected a shape of integers >= ${least}, got ${JSON.stringify(shape)}`);
  }
}
