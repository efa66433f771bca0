import { layers, type Layer, type Shape } from '../ts/entrypoints/node.ts';
import { addDef } from '../ts/layers/add.ts';
import { makeLayer } from '../ts/model/layer.ts';

/** One way to use a layer. Each row brings the tests of `layers.test.ts`; every kind of layer has at least one. */
export interface LayerCase {
  title: string;
  layer: Layer;
  /** Shapes of one sample of each input. */
  inputs: readonly Shape[];
  output: Shape;
  weights: Readonly<Record<string, Shape>>;
  /** Inputs without equal numbers, for layers that choose between them. */
  distinct?: boolean;
  /** A model that holds the layer, where it cannot be the only one after an input; none where no model can. */
  model?: readonly Layer[] | 'none';
  /** Shapes of inputs that it must refuse. */
  refuses?: readonly Shape[];
}

export const layerCases: readonly LayerCase[] = [
  {
    title: 'input',
    layer: layers.input({ shape: [2, 3, 4] }),
    inputs: [[2, 3, 4]],
    output: [2, 3, 4],
    weights: {},
    model: [layers.input({ shape: [2, 3, 4] }), layers.flatten()],
  },
  {
    title: 'conv2d, valid, tanh',
    layer: layers.conv2d({
      filters: 3,
      kernelSize: 2,
      activation: 'tanh',
      biasInitializer: { name: 'constant', value: 0.25 },
    }),
    inputs: [[4, 5, 2]],
    output: [3, 4, 3],
    weights: { kernel: [2, 2, 2, 3], bias: [3] },
    refuses: [[4], [4, 5], [1, 5, 2], [1, 4, 5, 2]],
  },
  {
    title: 'conv2d, same, strides, rectangular kernel, no bias',
    layer: layers.conv2d({ filters: 2, kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: false }),
    inputs: [[5, 4, 3]],
    output: [3, 4, 2],
    weights: { kernel: [3, 2, 3, 2] },
  },
  {
    title: 'conv2d, explicit padding, convolution mode, relu',
    layer: layers.conv2d({
      filters: 2,
      kernelSize: 3,
      strides: [1, 2],
      padding: [
        [2, 0],
        [0, 1],
      ],
      kernelMode: 'convolution',
      activation: 'relu',
    }),
    inputs: [[3, 4, 2]],
    output: [3, 2, 2],
    weights: { kernel: [3, 3, 2, 2], bias: [2] },
  },
  {
    title: 'conv2d, shared planes, convolution mode, strides, sigmoid',
    layer: layers.conv2d({
      filters: 3,
      kernelSize: [2, 3],
      strides: [2, 1],
      padding: 'same',
      channelMode: 'shared',
      kernelMode: 'convolution',
      activation: 'sigmoid',
    }),
    inputs: [[4, 5, 6]],
    output: [2, 5, 3],
    weights: { kernel: [2, 3, 1, 3], bias: [3] },
    refuses: [[4, 5]],
  },
  {
    title: 'conv2d, shared planes of a single channel',
    layer: layers.conv2d({ filters: 2, kernelSize: 2, channelMode: 'shared' }),
    inputs: [[3, 4, 1]],
    output: [2, 3, 2],
    weights: { kernel: [2, 2, 1, 2], bias: [2] },
  },
  {
    title: 'maxPooling2d, valid',
    layer: layers.maxPooling2d(),
    inputs: [[5, 4, 3]],
    output: [2, 2, 3],
    weights: {},
    distinct: true,
    refuses: [[4], [1, 5, 2]],
  },
  {
    title: 'maxPooling2d, same, overlapping rectangular windows',
    layer: layers.maxPooling2d({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
    inputs: [[5, 4, 2]],
    output: [3, 4, 2],
    weights: {},
    distinct: true,
  },
  {
    title: 'maxPooling2d, ceil, zeros at the start',
    layer: layers.maxPooling2d({ poolSize: 2, rounding: 'ceil', padSide: 'start', padValue: 'zero' }),
    inputs: [[5, 3, 2]],
    output: [3, 2, 2],
    weights: {},
    distinct: true,
  },
  { title: 'flatten', layer: layers.flatten(), inputs: [[2, 3, 4]], output: [24], weights: {} },
  {
    title: 'flatten, channels first',
    layer: layers.flatten({ order: 'channelsFirst' }),
    inputs: [[2, 3, 4]],
    output: [24],
    weights: {},
  },
  {
    title: 'dense, sigmoid',
    layer: layers.dense({ units: 4, activation: 'sigmoid', biasInitializer: 'ones' }),
    inputs: [[7]],
    output: [4],
    weights: { kernel: [7, 4], bias: [4] },
    refuses: [
      [2, 3, 4],
      [3, 4],
    ],
  },
  {
    title: 'dense, softmax, no bias',
    layer: layers.dense({ units: 5, activation: 'softmax', useBias: false }),
    inputs: [[3]],
    output: [5],
    weights: { kernel: [3, 5] },
  },
  {
    title: 'activation, relu',
    layer: layers.activation({ activation: 'relu' }),
    inputs: [[3, 5]],
    output: [3, 5],
    weights: {},
  },
  {
    title: 'activation, softmax over the last axis',
    layer: layers.activation({ activation: 'softmax' }),
    inputs: [[3, 5]],
    output: [3, 5],
    weights: {},
  },
  {
    title: 'activation, identity',
    layer: layers.activation({ activation: 'identity' }),
    inputs: [[6]],
    output: [6],
    weights: {},
  },
  {
    title: 'add',
    layer: makeLayer(addDef, {}),
    inputs: [
      [3, 4],
      [3, 4],
    ],
    output: [3, 4],
    weights: {},
    model: 'none',
    refuses: [[3, 4]],
  },
];
