import type { ActivationName, NDArray, Sequential } from 'fourlane';

/** Pictures, `[N, height, width, 1]`, and their classes, `[N]`. */
export interface Pictures {
  images: NDArray;
  labels: NDArray;
}

/** Samples with their class vectors. */
export interface Batch {
  x: NDArray;
  y: NDArray;
}

/** What one run trains on. */
export interface Task {
  model: Sequential;
  /** The samples of a step, from 0 on; the same ones in every step where the loss is followed down to its minimum. */
  batch: (step: number) => Batch;
  /** Others to test with. */
  test: Pictures;
}

/** A network and data for it, of which every seed makes another task. */
export interface Problem {
  name: string;
  /** f4, of the output layer. */
  output: ActivationName;
  /** Weights and data from `seed`. Dispose of its model. */
  task(seed: number): Task;
}

/** Fraction of the pictures whose largest output is that of their class. */
export function accuracyOf(model: Sequential, { images, labels }: Pictures): number {
  const { data, shape } = model.predictOnBatch(images);
  const classes = shape[1]!;
  let right = 0;
  labels.data.forEach((label, n) => {
    const outputs = data.subarray(n * classes, (n + 1) * classes);
    if (outputs.indexOf(Math.max(...outputs)) === label) right++;
  });
  return right / labels.data.length;
}
