import { DataError, ShapeError } from './errors.ts';
import { checkShape, printShape, sameShape, sizeOf, type Shape } from './shape.ts';

/** An array with its shape, row-major. What the library returns is always a copy of its own memory. */
export interface NDArray<T extends Float32Array | Uint8Array | Int32Array = Float32Array | Uint8Array | Int32Array> {
  data: T;
  shape: Shape;
  /** For `Uint8Array` inputs only: every byte is multiplied by it, e.g. `1 / 255`. */
  scale?: number;
}

/** Element types of the engine's memory; both are four bytes wide. */
export type DType = 'float32' | 'int32';

/** Numbers in nested arrays, all rows of the same length. */
export type NestedArray = readonly (number | NestedArray)[];

/** True when `value` has the fields of an {@link NDArray}. */
export function isNDArray(value: unknown): value is NDArray {
  return typeof value === 'object' && value !== null && 'data' in value && 'shape' in value;
}

/** Checks that an array's data is of a known kind and as long as its shape says. */
export function checkNDArray(where: string, array: NDArray): void {
  checkShape(`${where}.shape`, array.shape, 0);
  const { data, scale } = array;
  if (!(data instanceof Float32Array || data instanceof Uint8Array || data instanceof Int32Array)) {
    throw new DataError(`${where}.data: expected a Float32Array, Uint8Array or Int32Array, got ${describe(data)}`);
  }
  if (scale !== undefined && !(data instanceof Uint8Array && typeof scale === 'number' && Number.isFinite(scale))) {
    const got = `${describe(scale)} with ${describe(data)}`;
    throw new DataError(`${where}.scale: expected a finite number that goes with a Uint8Array, got ${got}`);
  }
  if (data.length !== sizeOf(array.shape)) {
    throw new ShapeError(
      `${where}: shape ${printShape(array.shape)} needs ${sizeOf(array.shape)} elements, data has ${data.length}`,
    );
  }
}

/** Throws a DataError or ShapeError unless `value` is an array of float32 of this shape. */
export function checkFloat32(where: string, shape: Shape, value: unknown): asserts value is NDArray<Float32Array> {
  if (!isNDArray(value) || !(value.data instanceof Float32Array)) {
    const got = isNDArray(value) ? `data of type ${describe(value.data)}` : describe(value);
    throw new DataError(`${where}: expected { data: Float32Array, shape: ${printShape(shape)} }, got ${got}`);
  }
  checkNDArray(where, value);
  if (!sameShape(value.shape, shape)) {
    throw new ShapeError(`${where}: expected ${printShape(shape)}, got ${printShape(value.shape)}`);
  }
}

/** Nested arrays as a float32 {@link NDArray}; throws a ShapeError where a row's length differs. */
export function fromNested(where: string, nested: NestedArray): NDArray<Float32Array> {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = new Float32Array(sizeOf(shape));
  let next = 0;
  const copy = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof level !== 'number') throw new DataError(`${path}: expected a number, got ${describe(level)}`);
      data[next++] = level;
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) {
      const got = Array.isArray(level) ? `length ${level.length}` : describe(level);
      throw new ShapeError(`${path}: expected an array of length ${shape[depth]}, got ${got}`);
    }
    level.forEach((row, i) => copy(row, depth + 1, `${path}[${i}]`));
  };
  copy(nested, 0, where);
  return { data, shape };
}

/** A short name of what a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}
