import { losses, sgd, type Callback, type History, type Sequential } from 'fourlane';
import { oneHot, type LabelledImages } from 'fourlane/data';
import { seedThreeLayer } from 'fourlane/presets';
import type { Trainer } from 'fourlane/worker';
import { sliceDigits } from './digits.ts';

// Nothing here is of the page: the same run in Node gives the same losses, bit for bit.

const heldOut = 500;
const batchSize = 10;
// The loss is a sum over the batch, so the rate goes with 1 / batchSize.
const learningRate = 0.006 / batchSize;

/** Digits to train on, and the last ones of the file to test with. */
export function splitDigits(digits: LabelledImages): { train: LabelledImages; test: LabelledImages } {
  const count = digits.labels.data.length;
  return { train: sliceDigits(digits, 0, count - heldOut), test: sliceDigits(digits, count - heldOut, count) };
}

/** The three-layer network, with random weights drawn from `seed`. */
export function makeModel(seed: number): Sequential {
  const model = seedThreeLayer({ seed });
  model.compile({ loss: losses.halfSquaredError(), optimizer: sgd({ learningRate }), metrics: ['accuracy'] });
  return model;
}

/** What a run of {@link trainModel} is. */
export interface Run {
  /** Passes over the digits. */
  epochs: number;
  /** Instead: one pass over as many of the digits as so many steps take. */
  steps?: number | undefined;
  /** Of the order of the digits. */
  seed: number;
  callback: Callback;
}

/** Trains on these digits. The callback hears of every step. */
export function trainModel(trainer: Trainer, digits: LabelledImages, run: Run): Promise<History> {
  const { steps, seed, callback } = run;
  const { images, labels } = steps === undefined ? digits : sliceDigits(digits, 0, steps * batchSize);
  const epochs = steps === undefined ? run.epochs : 1;
  // Of each step, not of one every 50 ms: of some hundred in a second, that is little to tell.
  return trainer.fit(images, oneHot(labels, 10), { epochs, batchSize, seed, callbacks: callback, reportEvery: 0 });
}
