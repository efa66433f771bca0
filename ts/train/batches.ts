import { DataError } from '../errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { Random } from '../model/random.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { sizeOf } from '../shape.ts';

/** Indices 0 to size - 1. */
export function sequentialOrder(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, index) => index);
}

/** The order of one epoch: a shuffle that hangs on seed and epoch only, so that training can be continued. */
export function shuffledOrder(size: number, seed: number, epoch: number): Uint32Array {
  const order = sequentialOrder(size);
  new Random(seed, epoch).shuffle(order);
  return order;
}

/** Copies samples into the staged batch of a plan, once. Throws a DataError for labels out of range. */
export function stageBatch(where: string, bound: BoundPlan, dataset: Dataset, indices: Uint32Array): void {
  const { inputs, target, buffers, outputs } = bound.plan;
  dataset.readX(indices, bound.f32(inputs[0]!, indices.length));
  if (target === undefined) return;
  if (buffers[target]!.dtype === 'float32') {
    dataset.readY!(indices, bound.f32(target, indices.length));
    return;
  }
  const labels = bound.i32(target, indices.length);
  dataset.readY!(indices, labels);
  checkLabels(where, labels, buffers[outputs[0]!]!.shape.at(-1)!, indices);
}

function checkLabels(where: string, labels: Int32Array, classes: number, indices: Uint32Array): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= classes) {
      throw new DataError(`${where}: labels[${indices[i]}] is ${label}, expected an integer in [0, ${classes})`);
    }
  }
}

/** How many of the staged samples have their largest output (the first on ties) where the target says. */
export function countCorrect(bound: BoundPlan, samples: number): number {
  const { outputs, target, buffers } = bound.plan;
  const output = bound.f32(outputs[0]!, samples);
  const classes = output.length / samples;
  const labels = buffers[target!]!.dtype === 'int32' ? bound.i32(target!, samples) : undefined;
  const targets = labels === undefined ? bound.f32(target!, samples) : undefined;
  let correct = 0;
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * classes;
    const expected = labels === undefined ? argmax(targets!, start, classes) : labels[sample]!;
    if (argmax(output, start, classes) === expected) correct++;
  }
  return correct;
}

function argmax(values: Float32Array, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** Elements of one sample of a plan's first output. */
export function outputSize(bound: BoundPlan): number {
  return sizeOf(bound.plan.buffers[bound.plan.outputs[0]!]!.shape);
}
