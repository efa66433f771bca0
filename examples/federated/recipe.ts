import { layers, sequential, sgd, type Sequential } from 'fourlane';

/** Height and width of the network's input. */
export const SIDE = 24;

/** A small convolutional network: 10,186 weights, which is what a client sends and receives in a round. */
export function makeModel(seed: number, learningRate: number): Sequential {
  const model = sequential(
    [
      layers.input({ shape: [SIDE, SIDE, 1] }),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed },
  );
  model.compile({ loss: 'sparseCategoricalCrossentropy', optimizer: sgd({ learningRate }), metrics: ['accuracy'] });
  return model;
}
