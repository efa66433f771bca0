import {
  checkTargets,
  prefixed,
  toDataset,
  type Dataset,
  type InputData,
  type TargetData,
  type TargetDataset,
} from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { sizeOf, type Shape } from '../shape.ts';

/** The samples `[start, end)` of a dataset with targets. */
export interface Samples {
  dataset: TargetDataset;
  start: number;
  end: number;
}

/** All samples of what a method was given. Throws unless inputs and targets go with the model and there are some. */
export function trainingData(
  where: string,
  x: InputData,
  y: TargetData | undefined,
  model: { inputShape: Shape; outputShape: Shape },
  loss: Loss,
): Samples {
  const dataset = toDataset(where, x, y, model.inputShape);
  checkTargets(where, dataset, loss.targetShape(model.outputShape));
  if (dataset.size === 0) throw new DataError(`${where}: there are no samples`);
  return { dataset, start: 0, end: dataset.size };
}

/** Indices 0 to size - 1. */
export function sequentialOrder(size: number): Uint32Array {
  return countUp(new Uint32Array(size), 0);
}

/** Overwrites `indices` with `start`, `start + 1` and so on. */
export function countUp(indices: Uint32Array, start: number): Uint32Array {
  for (let i = 0; i < indices.length; i++) indices[i] = start + i;
  return indices;
}

/**
 * Copies samples into the staged batch of a plan, once. Throws a DataError for labels out of range, with nothing
 * written.
 */
export function stageBatch(where: string, bound: BoundPlan, dataset: Dataset, indices: Uint32Array): void {
  const { inputs, target } = bound.plan;
  const labels = readLabels(where, bound, dataset, indices);
  dataset.readX(indices, bound.f32(inputs[0]!, indices.length));
  if (target === undefined) return;
  if (labels === undefined) dataset.readY!(indices, bound.f32(target, indices.length));
  else bound.i32(target, indices.length).set(labels);
}

/** Checked labels of a batch, where targets are labels: few, so they may pass through an array of their own. */
function readLabels(where: string, bound: BoundPlan, dataset: Dataset, indices: Uint32Array): Int32Array | undefined {
  const classes = classesOf(bound);
  if (classes === undefined) return undefined;
  const labels = new Int32Array(indices.length);
  prefixed(where, () => dataset.readY!(indices, labels));
  checkLabels(where, labels, classes, indices);
  return labels;
}

/** Throws a DataError for labels out of range among those that were written in place. */
export function checkStaged(where: string, bound: BoundPlan, samples: number): void {
  const classes = classesOf(bound);
  if (classes !== undefined) checkLabels(where, bound.i32(bound.plan.target!, samples), classes);
}

/** Number of classes where targets are labels. */
function classesOf({ plan }: BoundPlan): number | undefined {
  const { target, buffers, outputs } = plan;
  if (target === undefined || buffers[target]!.dtype !== 'int32') return undefined;
  return buffers[outputs[0]!]!.shape.at(-1);
}

function checkLabels(where: string, labels: Int32Array, classes: number, indices?: Uint32Array): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < 0 || label >= classes) {
      const index = indices === undefined ? i : indices[i];
      throw new DataError(`${where}: labels[${index}] is ${label}, expected an integer in [0, ${classes})`);
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
