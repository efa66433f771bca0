import type { Engine } from '../../engine/engine.ts';
import { DataError, OptionError, ShapeError } from '../../errors.ts';
import { checkNDArray, describe, isNDArray, type DType, type NDArray } from '../../ndarray.ts';
import { checkShape, printShape, sameShape, type Shape } from '../../shape.ts';
import { checkElements, elementsAt, EngineBuffer } from './engineBuffer.ts';

/** What operations take: an array, copied into the engine's memory for the call, or a buffer that is there already. */
export type Tensor<D extends DType = 'float32'> = NDArray | EngineBuffer<D>;

/** An operand of a kernel: what the caller gave, and what it has to be. */
export interface Operand {
  /** Of a `write` operand the buffer to write into, if any. Of an `update` operand none stands for zeros. */
  value: Tensor<DType> | undefined;
  shape: Shape;
  /** Default `float32`. */
  dtype?: DType | undefined;
}

/** Sizes of axes by their names. */
export type Axes<Names extends readonly string[]> = { [axis in keyof Names]: number };

/** Sizes of an argument's axes; see {@link namedAxes}. Throws a DataError for what is no array. */
export function axesOf<const Names extends readonly string[]>(
  where: string,
  name: string,
  value: Tensor<DType>,
  names: Names,
): Axes<Names> {
  return namedAxes(where, name, shapeOf(where, name, value), names);
}

/**
 * The sizes of a shape, when it has as many axes as there are names. Throws a ShapeError otherwise, and for a size of
 * 0 except in the axis `N`.
 */
export function namedAxes<const Names extends readonly string[]>(
  where: string,
  name: string,
  shape: Shape,
  names: Names,
): Axes<Names> {
  checkShape(`${where}: ${name}`, shape, 0);
  if (shape.length !== names.length || shape.some((size, axis) => size === 0 && names[axis] !== 'N')) {
    throw new ShapeError(`${where}: ${name}: expected [${names.join(', ')}], got ${printShape(shape)}`);
  }
  return shape as unknown as Axes<Names>;
}

/** Shape of an argument, which must be an array or a buffer. */
export function shapeOf(where: string, name: string, value: unknown): Shape {
  if (value instanceof EngineBuffer) return value.shape;
  if (!isNDArray(value)) {
    throw new DataError(`${where}: ${name}: expected { data, shape } or an EngineBuffer, got ${describe(value)}`);
  }
  checkNDArray(`${where}: ${name}`, value);
  return value.shape;
}

/** The elements of an argument as they are; not to be kept. */
export function elementsOf(where: string, name: string, value: Tensor<DType>): NDArray['data'] {
  shapeOf(where, name, value);
  return value instanceof EngineBuffer ? elementsAt(value.engine, value.address, value) : value.data;
}

/** Throws unless what the caller gave for an operand is of the right kind, shape and engine. */
export function checkOperand(where: string, name: string, operand: Operand, written: boolean, engine: Engine): void {
  const { value, shape, dtype = 'float32' } = operand;
  if (value === undefined) return;
  const given = shapeOf(where, name, value);
  if (!sameShape(given, shape)) {
    throw new ShapeError(`${where}: ${name}: expected ${printShape(shape)}, got ${printShape(given)}`);
  }
  if (!(value instanceof EngineBuffer)) {
    if (written) throw new OptionError(`${where}: ${name}: is written into and must be an EngineBuffer, got an array`);
    checkElements(`${where}: ${name}`, value, dtype);
    return;
  }
  if (value.dtype !== dtype) throw new OptionError(`${where}: ${name}: expected dtype ${dtype}, got ${value.dtype}`);
  if (value.engine !== engine) throw new OptionError(`${where}: ${name}: is a buffer of another engine`);
  // Throws when it was disposed.
  void value.address;
}
