import { describe, expect, it } from 'vitest';
import { initializers, layers, OptionError, ShapeError } from '../../../ts/entrypoints/node.ts';

describe('layers', () => {
  it.each<[string, () => unknown, typeof OptionError | typeof ShapeError, string]>([
    [
      'an unknown option',
      () => layers.dense({ units: 1, unit: 2 } as never),
      OptionError,
      'dense: unknown option unit; known: name, trainable, inputShape, units',
    ],
    [
      'no options',
      () => layers.conv2d(undefined as never),
      OptionError,
      'conv2d: expected an options object, got undefined',
    ],
    [
      'units',
      () => layers.dense({ name: 'head', units: 0 }),
      OptionError,
      'dense "head": units must be an integer >= 1, got 0',
    ],
    [
      'missing units',
      () => layers.dense({} as never),
      OptionError,
      'dense: units must be an integer >= 1, got undefined',
    ],
    [
      'filters',
      () => layers.conv2d({ filters: 1.5, kernelSize: 3 }),
      OptionError,
      'conv2d: filters must be an integer >= 1, got 1.5',
    ],
    [
      'kernelSize',
      () => layers.conv2d({ filters: 1, kernelSize: [3, 0] }),
      OptionError,
      'conv2d: kernelSize[1] must be an integer >= 1, got 0',
    ],
    [
      'three kernel sizes',
      () => layers.conv2d({ filters: 1, kernelSize: [1, 2, 3] as never }),
      OptionError,
      'conv2d: kernelSize must be a number or [height, width], got [1,2,3]',
    ],
    [
      'strides',
      () => layers.conv2d({ filters: 1, kernelSize: 1, strides: '2' as never }),
      OptionError,
      'conv2d: strides must be an integer >= 1, got "2"',
    ],
    [
      'padding',
      () => layers.conv2d({ filters: 1, kernelSize: 1, padding: 'full' as never }),
      OptionError,
      'conv2d: padding must be "valid", "same" or [[top, bottom], [left, right]], got "full"',
    ],
    [
      'negative padding',
      () =>
        layers.conv2d({
          filters: 1,
          kernelSize: 1,
          padding: [
            [0, -1],
            [0, 0],
          ],
        }),
      OptionError,
      'conv2d: padding[0][1] must be an integer >= 0, got -1',
    ],
    [
      'activation',
      () => layers.dense({ units: 1, activation: 'gelu' as never }),
      OptionError,
      'dense: activation must be one of "linear", "relu", "sigmoid", "tanh", "softmax", got "gelu"',
    ],
    [
      'useBias',
      () => layers.dense({ units: 1, useBias: 1 as never }),
      OptionError,
      'dense: useBias must be true or false, got 1',
    ],
    [
      'kernelMode',
      () => layers.conv2d({ filters: 1, kernelSize: 1, kernelMode: 'flip' as never }),
      OptionError,
      'conv2d: kernelMode must be one of "correlation", "convolution", got "flip"',
    ],
    [
      'channelMode',
      () => layers.conv2d({ filters: 1, kernelSize: 1, channelMode: 'depthwise' as never }),
      OptionError,
      'conv2d: channelMode must be one of "full", "shared", got "depthwise"',
    ],
    [
      'initializer',
      () => layers.dense({ units: 1, kernelInitializer: 'glorot' as never }),
      OptionError,
      'dense: kernelInitializer must be one of "zeros", "ones", "glorotUniform"',
    ],
    [
      'an initializer of no kind',
      () => layers.dense({ units: 1, biasInitializer: { name: 'orthogonal' } as never }),
      OptionError,
      'dense: biasInitializer must be a name or an initializer, got {"name":"orthogonal"}',
    ],
    [
      'a standard deviation',
      () => layers.dense({ units: 1, kernelInitializer: initializers.randomNormal({ stddev: -1 }) }),
      OptionError,
      'dense: kernelInitializer.stddev must be a number in [0, Infinity], got -1',
    ],
    [
      'limits the wrong way',
      () => layers.dense({ units: 1, kernelInitializer: initializers.randomUniform({ minValue: 1, maxValue: 0 }) }),
      OptionError,
      'dense: kernelInitializer.maxValue must be a number in [1, Infinity], got 0',
    ],
    [
      'a name',
      () => layers.dense({ units: 1, name: '' }),
      OptionError,
      'dense: name must be a non-empty string, got ""',
    ],
    [
      'trainable',
      () => layers.flatten({ trainable: 'no' as never }),
      OptionError,
      'flatten: trainable must be true or false, got "no"',
    ],
    [
      'order',
      () => layers.flatten({ order: 'first' as never }),
      OptionError,
      'flatten: order must be one of "channelsLast", "channelsFirst", got "first"',
    ],
    [
      'poolSize',
      () => layers.maxPooling2d({ poolSize: -2 }),
      OptionError,
      'maxPooling2d: poolSize must be an integer >= 1, got -2',
    ],
    [
      'ceil beside same',
      () => layers.maxPooling2d({ padding: 'same', rounding: 'ceil' }),
      OptionError,
      'maxPooling2d: rounding "ceil" and padValue "zero" go with padding "valid", got "same"',
    ],
    ['an input without shape', () => layers.input({} as never), OptionError, 'input: shape is missing'],
    [
      'an input of size 0',
      () => layers.input({ shape: [0, 3] }),
      ShapeError,
      'input: inputShape: expected a shape of integers >= 1, got [0,3]',
    ],
    [
      'no options of input',
      () => layers.input(undefined as never),
      OptionError,
      'input: expected an options object, got undefined',
    ],
  ])('%s', (_, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});
