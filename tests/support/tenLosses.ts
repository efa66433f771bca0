import { Numbers } from './numbers.ts';
import { activation, conv2d, dense, flattenChannelsFirst, maxPool2d, type Batch } from './reference/network.ts';
import { glorotUniform, shuffled } from './reference/random.ts';
import { gradients, halfSquaredError, softmaxCrossentropy, update } from './reference/training.ts';

/** The run whose losses are stored: what the test and the script that stores them must agree on. */
export const run = {
  seed: 7,
  samples: 20,
  batchSize: 8,
  classes: 4,
  rates: { sum: 0.03, mean: 0.3 },
  inputShape: [6, 6, 2],
};

/** Pictures and labels, the same for both. */
export function makeData(): { pictures: number[][]; labels: number[] } {
  const numbers = new Numbers(11);
  const size = run.inputShape.reduce((product, side) => product * side, 1);
  const pictures = Array.from({ length: run.samples }, () => Array.from({ length: size }, () => numbers.next()));
  return { pictures, labels: pictures.map(() => numbers.integer(run.classes)) };
}

/**
 * Losses of the first ten steps in float64: everything from the seed on, initial weights and order of the samples
 * included, by the reference in `reference/`. `sum`: half sum of squares; `mean`: cross entropy after softmax.
 */
export function referenceLosses(kind: 'sum' | 'mean'): number[] {
  const { seed, samples, batchSize, classes } = run;
  const { pictures, labels } = makeData();
  const inputs: Batch = pictures.map((picture) => Float64Array.from(picture));
  const targets: Batch = labels.map((label) => Float64Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0)));
  const weight = (index: number, size: number, fanIn: number, fanOut: number): Float64Array =>
    glorotUniform(seed, index, size, fanIn, fanOut);
  const geometry = { input: [6, 6, 2], kernel: [3, 3], filters: 3, stride: [1, 1], pads: [1, 1, 1, 1] } as const;
  const layers = [
    conv2d({ ...geometry, turned: true }, weight(0, 54, 18, 27), new Float64Array(3)),
    activation('relu'),
    maxPool2d([6, 6, 3], 2),
    flattenChannelsFirst([3, 3, 3]),
    dense(27, 8, weight(2, 216, 27, 8), new Float64Array(8)),
    activation('tanh'),
    dense(8, classes, weight(4, 32, 8, classes), new Float64Array(classes)),
  ];
  const losses: number[] = [];
  for (let epoch = 0; losses.length < 10; epoch++) {
    const order = shuffled(samples, seed, epoch);
    for (let start = 0; start < samples; start += batchSize) {
      const batch = order.slice(start, start + batchSize);
      const [x, y] = [batch.map((i) => inputs[i]!), batch.map((i) => targets[i]!)];
      losses.push(gradients(layers, x, y, kind === 'sum' ? halfSquaredError : softmaxCrossentropy).loss);
      update(layers, run.rates[kind]);
    }
  }
  return losses.slice(0, 10);
}
