import { describe, expect, it } from 'vitest';
import { initializers, layers, OptionError, sequential, ShapeError, type Layer } from '../../../ts/entrypoints/node.ts';

const input = (...shape: number[]): Layer => layers.input({ shape });

describe('sequential', () => {
  const dense = (): Layer => layers.dense({ units: 2 });
  const once = dense();

  it.each<[string, () => unknown, typeof OptionError | typeof ShapeError, string]>([
    ['no list', () => sequential('dense' as never), OptionError, 'sequential: expected a list of layers, got "dense"'],
    ['an empty list', () => sequential([]), OptionError, 'sequential: there are no layers that compute'],
    ['an input alone', () => sequential([input(3)]), OptionError, 'sequential: there are no layers that compute'],
    [
      'something else than a layer',
      () => sequential([input(3), { units: 3 } as never]),
      OptionError,
      'sequential: layers[1]: expected a layer made by layers.*, got Object',
    ],
    [
      'no input shape',
      () => sequential([dense()]),
      ShapeError,
      'sequential: the input shape is unknown; start with layers.input({ shape: [...] })',
    ],
    [
      'an input that is not first',
      () => sequential([input(3), dense(), input(2)]),
      OptionError,
      'sequential: input "input_1" must come first',
    ],
    [
      'two layers of one name',
      () => sequential([input(3), layers.dense({ units: 2, name: 'a' }), layers.dense({ units: 2, name: 'a' })]),
      OptionError,
      'sequential: two layers are named "a"',
    ],
    [
      'one layer twice',
      () => sequential([input(2), once, once]),
      OptionError,
      'sequential: layers[2] and layers[1] are one object; layers share no weights, make each anew',
    ],
    [
      'an inputShape that is not what comes',
      () => sequential([input(3), dense(), layers.dense({ units: 2, inputShape: [3] })]),
      ShapeError,
      'dense "dense_1": inputShape is [3], the layer before gives [2]',
    ],
    [
      'a dense layer on pictures',
      () => sequential([input(28, 28, 1), layers.dense({ units: 2, name: 'head' })]),
      ShapeError,
      'dense "head": expected input [N, 784], got [N, 28, 28, 1]; add flatten() before it',
    ],
    [
      'a kernel that does not fit',
      () => sequential([input(3, 3, 1), layers.conv2d({ name: 'conv1', filters: 1, kernelSize: 5 })]),
      ShapeError,
      'conv2d "conv1": kernelSize [5, 5] does not fit input [3, 3]',
    ],
    [
      'a pooling that does not fit',
      () => sequential([input(1, 3, 1), layers.maxPooling2d()]),
      ShapeError,
      'maxPooling2d "maxPooling2d": poolSize [2, 2] does not fit input [1, 3]',
    ],
    [
      'a seed',
      () => sequential([input(2), dense()], { seed: -1 }),
      OptionError,
      'sequential: seed must be an integer >= 0, got -1',
    ],
    [
      'a seed too large',
      () => sequential([input(2), dense()], { seed: 2 ** 32 }),
      OptionError,
      'sequential: seed must be below 2^32, got 4294967296',
    ],
    [
      'a name',
      () => sequential([input(2), dense()], { name: 7 as never }),
      OptionError,
      'sequential: name must be a non-empty string, got 7',
    ],
    [
      'an unknown option',
      () => sequential([input(2), dense()], { layers: [] } as never),
      OptionError,
      'sequential: unknown option layers; known: seed, engine, name',
    ],
  ])('refuses %s', (_, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it('names layers by their kind and number, the input not among them', () => {
    const model = sequential([
      input(4, 4, 1),
      layers.conv2d({ filters: 1, kernelSize: 1 }),
      layers.conv2d({ filters: 1, kernelSize: 1 }),
      layers.flatten(),
    ]);
    expect(model.layers.map(({ name, kind }) => [name, kind])).toEqual([
      ['conv2d', 'conv2d'],
      ['conv2d_1', 'conv2d'],
      ['flatten', 'flatten'],
    ]);
    expect([model.inputShape, model.outputShape]).toEqual([[4, 4, 1], [16]]);
  });

  it('takes the input shape from the first layer too', () => {
    const model = sequential([layers.dense({ units: 2, inputShape: [3] })]);
    expect([model.inputShape, model.outputShape]).toEqual([[3], [2]]);
  });

  it("has Keras' defaults", () => {
    const { config } = sequential([input(9, 9, 1), layers.conv2d({ filters: 1, kernelSize: 3 })]).layers[0]!;
    const glorot = { name: 'varianceScaling', scale: 1, mode: 'fanAvg', distribution: 'uniform' };
    expect(config).toEqual({
      filters: 1,
      kernelSize: [3, 3],
      strides: [1, 1],
      padding: 'valid',
      activation: 'linear',
      useBias: true,
      kernelInitializer: glorot,
      biasInitializer: { name: 'constant', value: 0 },
      kernelMode: 'correlation',
      channelMode: 'full',
    });
    expect(layers.maxPooling2d().config).toMatchObject({
      poolSize: [2, 2],
      strides: [2, 2],
      padding: 'valid',
      rounding: 'floor',
    });
    expect(layers.maxPooling2d({ poolSize: 3 }).config).toMatchObject({ strides: [3, 3] });
    expect(layers.dense({ units: 1 }).config).toMatchObject({
      kernelInitializer: glorot,
      useBias: true,
      activation: 'linear',
    });
  });

  it('does not notice what happens to its options later', () => {
    const shape = [4];
    const kernelInitializer = initializers.constant({ value: 2 });
    const layer = layers.dense({ units: 1, kernelInitializer, inputShape: shape });
    shape[0] = 5;
    (kernelInitializer as { value: number }).value = 3;
    const model = sequential([layer]);
    expect(model.inputShape).toEqual([4]);
    expect(model.layers[0]!.weights[0]!.initializer).toEqual({ name: 'constant', value: 2 });
  });
});
