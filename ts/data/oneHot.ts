import { DataError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import { integer } from '../options.ts';
import { sizeOf } from '../shape.ts';

/**
 * Class vectors from labels: `[..., classes]` with 1 at the label and 0 elsewhere, from labels `[...]`.
 * Throws a DataError for a label that is no integer in `[0, classes)`.
 */
export function oneHot(labels: NDArray, classes: number): NDArray<Float32Array> {
  integer('oneHot', 'classes', classes);
  checkLabels('oneHot', labels.data, classes);
  const data = new Float32Array(sizeOf(labels.shape) * classes);
  labels.data.forEach((label, i) => (data[i * classes + label] = 1));
  return { data, shape: [...labels.shape, classes] };
}

/** Throws a DataError for the first label that is no integer in `[0, classes)`. */
export function checkLabels(where: string, labels: NDArray['data'], classes: number): void {
  const wrong = labels.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new DataError(`${where}: labels[${wrong}] is ${labels[wrong]}, expected an integer in [0, ${classes})`);
  }
}
