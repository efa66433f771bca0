// What every app here trains. Each app hands it the library as it imported it.

/**
 * A small network with every kind of layer, compiled.
 * @param {Pick<typeof import('fourlane'), 'layers' | 'sequential' | 'sgd'>} library
 * @param {import('fourlane').Engine} [engine] default: that of `init`
 */
export function makeModel({ layers, sequential, sgd }, engine) {
  const chain = [
    layers.input({ shape: [16, 16, 3] }),
    layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 24, kernelSize: 3, activation: 'tanh' }),
    layers.flatten(),
    layers.dense({ units: 40, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ];
  const model = sequential(chain, { seed: 1, engine });
  const optimizer = sgd({ learningRate: 0.02, momentum: 0.9 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/**
 * Trains ten steps; the loss of each.
 * @param {{ fit: Function }} model a model, or a trainer
 * @returns {Promise<number[]>}
 */
export async function tenSteps(model) {
  const pixels = Uint8Array.from({ length: 32 * 16 * 16 * 3 }, (_, i) => (i * i * 31 + i * 7) % 251);
  const x = { data: pixels, shape: [32, 16, 16, 3], scale: 1 / 255 };
  const y = { data: Uint8Array.from({ length: 32 }, (_, i) => (i * 7) % 10), shape: [32] };
  const { history } = await model.fit(x, y, { epochs: 10, batchSize: 32, seed: 1, callbacks: [] });
  return history.loss;
}
