import { adam, layers, sequential, type Sequential } from 'fourlane';
import { SIDE } from './lesson.ts';

/** A small network, which six passes over the digits of the npm package teach to read 97 % of others. */
export function makeModel(seed: number): Sequential {
  const model = sequential(
    [
      layers.input({ shape: [SIDE, SIDE, 1] }),
      layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed },
  );
  const optimizer = adam({ learningRate: 0.002 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
