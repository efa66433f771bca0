import { sgd, type Callback, type Optimizer, type Sequential } from 'fourlane';
import { seedThreeLayer } from 'fourlane/presets';

/** What every byte of a picture is multiplied by: ink becomes 0.5. */
export const INPUT_SCALE = 0.5 / 255;

/**
 * Rates of the other layers as multiples of that of `fc1`. Of the gradient's large entries most are one and the same
 * direction, which all digits share, and it bounds the rates; in `fc1` it dominates least.
 */
const relativeRates = { conv1: 0.2, out: 0.03 };

/**
 * The rate of `fc1` in the first epoch: the loss is a sum over the batch, so it goes with 1 / batch size. Chosen in
 * batches of 10: two epochs over MNIST read 98.4 % of the test digits, three over the package's digits 97.15 %.
 */
export function defaultLearningRate(batchSize: number): number {
  return 0.15 / batchSize;
}

/** The three-layer network, compiled with the paper's loss and plain gradient descent. */
export function makeModel(seed: number, learningRate: number): Sequential {
  const model = seedThreeLayer({ seed });
  const optimizer = sgd({ learningRate });
  setRates(optimizer, learningRate);
  model.compile({ loss: 'halfSquaredError', optimizer, metrics: ['accuracy'] });
  return model;
}

function setRates(optimizer: Optimizer, learningRate: number): void {
  optimizer.learningRate = learningRate;
  const rates = Object.entries(relativeRates).map(([layer, relative]) => [layer, relative * learningRate]);
  optimizer.perLayer = Object.fromEntries(rates) as Record<string, number>;
}

/** Lets the rates of all layers fall evenly from `learningRate` in the first epoch towards 0 after the last. */
export function fallingRates(learningRate: number, epochs: number): Callback {
  let optimizer: Optimizer;
  return {
    setModel: (model) => (optimizer = model.optimizer),
    onEpochBegin: (epoch) => setRates(optimizer, learningRate * (1 - epoch / epochs)),
  };
}
