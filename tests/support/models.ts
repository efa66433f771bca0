import { layers, losses, sequential, sgd, type MetricName, type Sequential } from '../../ts/entrypoints/node.ts';
import type { SequentialOptions } from '../../ts/entrypoints/node.ts';
import { randomArray, randomLabels } from './numbers.ts';

/** Three classes of 6 x 6 pictures. */
export const CLASSES = 3;
export const INPUT_SHAPE = [6, 6, 1];

/** A small model of every kind of layer, with softmax and labels, ready to train. */
export function smallModel(
  options: SequentialOptions & { learningRate?: number; metrics?: readonly MetricName[] } = {},
): Sequential {
  const { learningRate = 0.1, metrics = [], ...rest } = options;
  const model = sequential(
    [
      layers.input({ shape: INPUT_SHAPE }),
      layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ name: 'pool' }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'hidden', units: 8, activation: 'tanh' }),
      layers.dense({ name: 'out', units: CLASSES, activation: 'softmax' }),
    ],
    { seed: 3, ...rest },
  );
  model.compile({ optimizer: sgd({ learningRate }), loss: losses.sparseCategoricalCrossentropy(), metrics });
  return model;
}

/** Pictures and labels for it. */
export function smallData(
  samples: number,
  seed = 21,
): { x: ReturnType<typeof randomArray>; y: ReturnType<typeof randomLabels> } {
  return { x: randomArray([samples, ...INPUT_SHAPE], seed), y: randomLabels(samples, CLASSES, seed + 1) };
}

/** A dense layer without activation, trained by the half sum of squares: small enough to follow by hand. */
export function linearModel(options: SequentialOptions & { learningRate?: number; units?: number } = {}): Sequential {
  const { learningRate = 0.1, units = 1, ...rest } = options;
  const model = sequential([layers.input({ shape: [1] }), layers.dense({ name: 'line', units })], rest);
  model.compile({ optimizer: sgd({ learningRate }), loss: losses.halfSquaredError() });
  return model;
}

/** A weight of a layer, or its gradient, in the order in which the kernels keep it. */
export function stored(model: Sequential, layer: string, weight: string, shown: Float32Array): Float32Array {
  const spec = model.layers.find(({ name }) => name === layer)!.weights.find(({ name }) => name === weight)!;
  return spec.storage?.toStorage(shown) ?? shown;
}
