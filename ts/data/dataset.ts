import { DataError, ShapeError } from '../errors.ts';
import { checkNDArray, describe, fromNested, isNDArray, type NDArray, type NestedArray } from '../ndarray.ts';
import { batchShape, checkShape, printShape, sameShape, sizeOf, type Shape } from '../shape.ts';

/** Samples by index. `fit` and the others copy each batch once, straight into the staged batch. */
export interface Dataset {
  /** Number of samples. */
  readonly size: number;
  /** Shape of one input. */
  readonly xShape: Shape;
  /** Shape of one target, `[]` for a number or label; undefined where there are no targets. */
  readonly yShape?: Shape | undefined;
  /** Writes the inputs of these samples one after the other. */
  readX(indices: Uint32Array, target: Float32Array): void;
  /** Writes their targets one after the other. */
  readY?(indices: Uint32Array, target: Float32Array | Int32Array): void;
  /**
   * For `fit({ resumeFrom })`. Left out: an index always gives the same sample. A function: called before the first step
   * that is read anew, `step` counted within the epoch, to put back what else the samples hang on, e.g. a random state.
   * `false`: that cannot be done.
   */
  seek?: false | ((position: { epoch: number; step: number }) => void | Promise<void>);
}

/** A dataset that has targets. */
export type TargetDataset = Dataset & Required<Pick<Dataset, 'yShape' | 'readY'>>;

/** What `fit`, `evaluate` and `predict` take as inputs. */
export type InputData = NDArray | NestedArray | Dataset;

/** What they take as targets; none where the inputs are a dataset. */
export type TargetData = NDArray | NestedArray;

/** True for datasets, as opposed to arrays. */
export function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && 'readX' in value;
}

/**
 * A dataset over arrays in memory, without copying them: x `[N, ...]` of any number type (bytes need a `scale`), y
 * `[N, ...]` or none. Throws ShapeError or DataError where shapes, lengths or counts do not go together.
 */
export function fromArrays(x: NDArray | NestedArray, y?: NDArray | NestedArray): Dataset {
  const inputs = asNDArray('x', x);
  const [size = 0, ...xShape] = inputs.shape;
  if (inputs.data instanceof Uint8Array && inputs.scale === undefined) {
    throw new DataError('x: bytes need an explicit scale, e.g. { data, shape, scale: 1 / 255 }');
  }
  const readX = reader(inputs, xShape);
  if (y === undefined) return { size, xShape, readX };
  const targets = asNDArray('y', y);
  const [count = 0, ...yShape] = targets.shape;
  if (count !== size) throw new ShapeError(`y: expected ${size} targets, one for each input, got ${count}`);
  return { size, xShape, yShape, readX, readY: reader(targets, yShape) };
}

/** A dataset from what a method was given. Throws where the inputs do not have the expected shape. */
export function toDataset(where: string, x: InputData, y: TargetData | undefined, xShape: Shape): Dataset {
  if (isDataset(x) && y !== undefined) {
    throw new DataError(`${where}: x is a dataset with its own targets; leave out y`);
  }
  const dataset = isDataset(x) ? checkDataset(where, x) : prefixed(where, () => fromArrays(x, y));
  if (!sameShape(dataset.xShape, xShape)) {
    throw new ShapeError(`${where}: expected x of shape ${batchShape(xShape)}, got ${batchShape(dataset.xShape)}`);
  }
  return dataset;
}

function checkDataset(where: string, dataset: Dataset): Dataset {
  const { size, xShape, yShape } = dataset;
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new DataError(`${where}: dataset.size must be an integer >= 0, got ${describe(size)}`);
  }
  checkShape(`${where}: dataset.xShape`, xShape);
  if (yShape !== undefined) checkShape(`${where}: dataset.yShape`, yShape);
  for (const name of ['readX', 'readY'] as const) {
    const { [name]: method }: { [key in typeof name]?: unknown } = dataset;
    if (typeof method !== 'function' && (name === 'readX' || method !== undefined)) {
      throw new DataError(`${where}: dataset.${name} must be a function, got ${describe(method)}`);
    }
  }
  const { seek }: { seek?: unknown } = dataset;
  if (seek !== undefined && seek !== false && typeof seek !== 'function') {
    throw new DataError(`${where}: dataset.seek must be a function or false, got ${describe(seek)}`);
  }
  return dataset;
}

/** Throws unless the targets of a dataset have this shape; trailing axes of 1 do not matter. */
export function checkTargets(where: string, dataset: Dataset, shape: Shape): asserts dataset is TargetDataset {
  if (dataset.readY === undefined || dataset.yShape === undefined) throw new DataError(`${where}: y is missing`);
  if (sameShape(withoutOnes(dataset.yShape), withoutOnes(shape))) return;
  const hint =
    dataset.yShape.length < shape.length
      ? '; class labels go with sparseCategoricalCrossentropy'
      : dataset.yShape.length > shape.length
        ? '; one-hot targets go with categoricalCrossentropy'
        : '';
  throw new ShapeError(`${where}: expected y of shape ${batchShape(shape)}, got ${batchShape(dataset.yShape)}${hint}`);
}

function withoutOnes(shape: Shape): Shape {
  let rank = shape.length;
  while (rank > 0 && shape[rank - 1] === 1) rank--;
  return shape.slice(0, rank);
}

function asNDArray(where: string, value: NDArray | NestedArray): NDArray {
  if (Array.isArray(value)) return fromNested(where, value as NestedArray);
  if (!isNDArray(value)) {
    throw new DataError(`${where}: expected { data, shape }, nested arrays or a dataset, got ${describe(value)}`);
  }
  checkNDArray(where, value);
  if (value.shape.length === 0) throw new ShapeError(`${where}: expected [N, ...], got ${printShape(value.shape)}`);
  return value;
}

function reader(
  { data, scale = 1 }: NDArray,
  shape: Shape,
): (indices: Uint32Array, target: Float32Array | Int32Array) => void {
  const size = sizeOf(shape);
  return (indices, target) => {
    for (let sample = 0; sample < indices.length; sample++) {
      const from = indices[sample]! * size;
      const to = sample * size;
      if (target instanceof Int32Array) copyLabels(data, from, size, target, to);
      else if (scale === 1 && size >= 16) target.set(data.subarray(from, from + size), to);
      else for (let i = 0; i < size; i++) target[to + i] = data[from + i]! * scale;
    }
  };
}

/** Labels may come in any number type, but must be whole. */
function copyLabels(data: NDArray['data'], from: number, size: number, target: Int32Array, to: number): void {
  for (let i = 0; i < size; i++) {
    const label = data[from + i]!;
    if (!Number.isInteger(label)) throw new DataError(`labels[${from + i}] is ${label}, expected an integer`);
    target[to + i] = label;
  }
}

/** Puts the caller's name before the messages of errors. */
export function prefixed<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeError || error instanceof DataError) error.message = `${where}: ${error.message}`;
    throw error;
  }
}
