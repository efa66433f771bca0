import { layers, sequential, sgd, type ActivationName, type NDArray, type Sequential } from 'fourlane';
import { Random } from '../random.ts';

/** An output layer on its own, fed with V: what is left of a network whose other layers stay as they are. */
export function makeHead(inputs: number, units: number, activation: ActivationName): Sequential {
  const model = sequential([layers.input({ shape: [inputs] }), layers.dense({ name: 'out', units, activation })]);
  model.compile({ loss: 'halfSquaredError', optimizer: sgd() });
  return model;
}

/** Sets kernel and bias to normal numbers of standard deviation `scale`. */
export function setRandomWeights(head: Sequential, random: Random, scale: number): void {
  head.setWeights(
    head.getWeights().map(({ data, shape }) => ({ data: random.normals(data.length).map((w) => scale * w), shape })),
  );
}

/** The loss summed over the batch; nothing is changed. */
export function lossOf(model: Sequential, x: NDArray, y: NDArray): number {
  return model.computeGradients(x, y).loss!;
}

/** `part` of the way from one set of weights to another. */
export function between(from: NDArray<Float32Array>[], to: NDArray<Float32Array>[], part: number) {
  return from.map(({ data, shape }, i) => ({
    data: data.map((weight, at) => (1 - part) * weight + part * to[i]!.data[at]!),
    shape,
  }));
}

/**
 * Whether a function is larger halfway than the mean of its values at both ends, which no convex one is, by more than
 * float32 sums are off.
 */
export function bulges(start: number, middle: number, end: number): boolean {
  return middle - (start + end) / 2 > 1e-5 * (Math.abs(start) + Math.abs(end));
}
