import type { Callback, Sequential } from 'fourlane';
import { paperSgd, seedFiveLayer, type PaperRates } from 'fourlane/presets';

/** One plane of each kernel of the second convolution for all of its input maps, as the paper writes it, or one each. */
export const channelModes = ['shared', 'full'] as const;

export type ChannelMode = (typeof channelModes)[number];

/** What every byte of a picture is multiplied by: ink becomes 0.5. */
export const INPUT_SCALE = 0.5 / 255;

/** The rates of all layers from that of the first fully connected one. */
function ratesOf(learningRate: number): PaperRates {
  return { eta: 0.1 * learningRate, alpha: learningRate, beta: 0.2 * learningRate };
}

/**
 * The rate of the fully connected layers in the first epoch: the loss is a sum over the batch, so it goes with 1 / batch
 * size. Chosen for each network in batches of 10, among rates up to where the loss grows beyond all bounds, which is
 * earlier for shared planes: they see the sum of 32 maps. Three epochs over the package's digits, mean of three seeds:
 * 90.7 % with shared planes, 97.5 % with full ones.
 */
export function defaultLearningRate(channelMode: ChannelMode, batchSize: number): number {
  return (channelMode === 'shared' ? 0.06 : 0.3) / batchSize;
}

/** The five-layer network with tanh behind convolutions, compiled with the paper's loss and plain gradient descent. */
export function makeModel(channelMode: ChannelMode, seed: number, learningRate: number): Sequential {
  const model = seedFiveLayer({ channelMode, seed, activation1: 'tanh' });
  const optimizer = paperSgd(model, ratesOf(learningRate));
  model.compile({ loss: 'halfSquaredError', optimizer, metrics: ['accuracy'] });
  return model;
}

/** Lets the rates of all layers fall evenly from `learningRate` in the first epoch towards 0 after the last. */
export function fallingRates(model: Sequential, learningRate: number, epochs: number): Callback {
  return {
    onEpochBegin(epoch) {
      const rates = ratesOf(learningRate * (1 - epoch / epochs));
      model.optimizer.perLayer = paperSgd(model, rates).perLayer;
    },
  };
}
