import {
  losses,
  sequential,
  sgd,
  type Inspection,
  type Layer,
  type NDArray,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { planeOf, type Operations } from './operations.ts';
import { current } from './runs.ts';
import { sizeOf, samplesToFile, weightsToFile } from './tensor.ts';
import { makeLayer } from './words.ts';

/** Operations as models of one layer. */
export const layerOperations: Operations = {
  conv({ options, x, weight, bias, delta }) {
    const [kernelHeight, kernelWidth, , filters] = weight.shape;
    const kernel = { filters, kernelSize: [kernelHeight, kernelWidth], useBias: bias !== undefined };
    const model = modelOf(x, makeLayer('conv2d', { ...options, ...kernel, name: 'op' }));
    model.setWeights(bias === undefined ? [weight] : [weight, bias]);
    const { layers, inputGradient } = inspectWith(model, x, delta);
    const { a, gradients } = layers.op!;
    return {
      a: a && samplesToFile(a),
      dW: gradients.kernel && weightsToFile(gradients.kernel, options.channelMode === 'shared'),
      db: gradients.bias,
      dX: samplesToFile(inputGradient),
    };
  },

  maxpool({ options, z, delta }) {
    const model = modelOf(z, makeLayer('maxPooling2d', { ...options, name: 'op' }));
    const { t, positions, up } = inspectWith(model, z, delta).layers.op!;
    return { t: t && samplesToFile(t), argmax: positions && samplesToFile(positions), up: up && samplesToFile(up) };
  },

  activation({ activation, a }) {
    const { shape } = a;
    const sample = { shape: [1, sizeOf(shape)], data: a.data };
    const model = modelOf(sample, makeLayer('activation', { name: 'op', activation }));
    const ones = { shape: sample.shape, data: new Float32Array(sizeOf(shape)).fill(1) };
    const { output, inputGradient } = inspectWith(model, sample, ones);
    return { z: { shape, data: output.data }, derivative: { shape, data: inputGradient.data } };
  },

  /** The input gradient of a layer, and what of it the printed form gives. */
  eq24({ delta, weight }) {
    const [kernelHeight, kernelWidth] = weight.shape as [number, number];
    const [, height, width] = delta.shape as [number, number, number];
    const x = { shape: [1, height + kernelHeight - 1, width + kernelWidth - 1, 1], data: new Float32Array() };
    x.data = new Float32Array(sizeOf(x.shape));
    const options = { filters: 1, kernelSize: [kernelHeight, kernelWidth], useBias: false };
    const model = modelOf(x, makeLayer('conv2d', { ...options, kernelMode: 'convolution', name: 'op' }));
    model.setWeights([weight]);
    const full = planeOf(inspectWith(model, x, delta).inputGradient);
    const columns = full.shape[1]!;
    const topLeft = Float32Array.from(
      { length: height * width },
      (_, i) => full.data[Math.floor(i / width) * columns + (i % width)]!,
    );
    return { full, topLeftOnly: { shape: [height, width], data: topLeft } };
  },
};

function modelOf({ shape }: NDArray, layer: Layer): Sequential {
  const model = sequential([makeLayer('input', { shape: shape.slice(1) }), layer]);
  model.compile({ ...current, optimizer: sgd(), loss: losses.halfSquaredError() });
  return model;
}

/**
 * A pass in which dE/d(output) is `delta`: the loss gives `output - target`, so the target is the output less delta.
 * That costs a rounding of the output, some 6e-8 of it. Disposes of the model.
 */
function inspectWith(model: Sequential, x: NDArray, delta: NDArray<Float32Array>): Inspection {
  try {
    const { data, shape } = model.predictOnBatch(x);
    if (String(shape) !== String(delta.shape)) {
      throw new Error(`delta: expected ${JSON.stringify(shape)} (channels last), got ${JSON.stringify(delta.shape)}`);
    }
    return model.inspect({ x, y: { shape, data: data.map((value, i) => value - delta.data[i]!) } });
  } finally {
    model.dispose();
  }
}
