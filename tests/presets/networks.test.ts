import { beforeAll, describe, expect, it } from 'vitest';
import { init, OptionError, type Sequential } from '../../ts/entrypoints/node.ts';
import { paperSgd, seedFiveLayer, seedThreeLayer } from '../../ts/entrypoints/presets.ts';
import { sizeOf } from '../../ts/shape.ts';
import { expectSameBits } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const parameters = ({ layers }: Sequential): number =>
  layers.flatMap(({ weights }) => weights).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
const planes = ({ layers }: Sequential): string[] =>
  layers.map(({ name, outputShape }) => `${name} ${outputShape.join('x')}`);
const config = (model: Sequential, layer: string): Record<string, unknown> =>
  model.layers.find(({ name }) => name === layer)!.config as Record<string, unknown>;

describe('sizes', () => {
  it("are the paper's", () => {
    const three = seedThreeLayer();
    expect(planes(three)).toEqual(['conv1 22x22x32', 'pool1 11x11x32', 'flatten 3872', 'fc1 2048', 'out 10']);
    expect(parameters(three)).toBe(7_952_714);
    const five = seedFiveLayer();
    expect(planes(five)).toEqual([
      'conv1 11x11x32',
      'pool1 6x6x32',
      'conv2 5x5x64',
      'pool2 3x3x64',
      'flatten 576',
      'fc1 2048',
      'fc2 256',
      'out 10',
    ]);
    // 320, 320, 1,181,696, 524,544 and 2,570; a plane for each of the 32 maps takes 8,256.
    expect(parameters(five)).toBe(1_709_450);
    expect(parameters(seedFiveLayer({ channelMode: 'full' }))).toBe(1_709_450 - 320 + 8_256);
  });

  it('can be changed; 24 x 24 with stride 2 has the planes of 13 x 13', () => {
    const strided = seedFiveLayer({ inputShape: [24, 24, 1], strides: 2 });
    expect(planes(strided)).toEqual(planes(seedFiveLayer()));
    const three = seedThreeLayer({ inputShape: [9, 7, 2], filters: 4, strides: 2, units: 5, classes: 3 });
    expect(planes(three)).toEqual(['conv1 4x3x4', 'pool1 2x2x4', 'flatten 16', 'fc1 5', 'out 3']);
    const five = seedFiveLayer({ filters1: 2, filters2: 3, units1: 4, units2: 5, classes: 6 });
    expect(planes(five).slice(3)).toEqual(['pool2 3x3x3', 'flatten 27', 'fc1 4', 'fc2 5', 'out 6']);
    const floor = seedFiveLayer({ filters1: 2, filters2: 3, rounding: 'floor' });
    expect(planes(floor).slice(1, 4)).toEqual(['pool1 5x5x2', 'conv2 4x4x3', 'pool2 2x2x3']);
  });
});

describe('options', () => {
  it("default to the paper's, else to relu before an affine output", () => {
    for (const model of [seedThreeLayer(), seedFiveLayer()]) {
      expect(config(model, 'conv1')).toMatchObject({
        kernelMode: 'convolution',
        channelMode: 'full',
        activation: 'relu',
      });
      expect(config(model, 'pool1')).toMatchObject({ rounding: 'ceil', padSide: 'end', padValue: 'zero' });
      expect(config(model, 'flatten')).toMatchObject({ order: 'channelsFirst' });
      expect(config(model, 'fc1')).toMatchObject({ activation: 'relu' });
      expect(config(model, 'out')).toMatchObject({ activation: 'linear' });
    }
    expect(config(seedFiveLayer(), 'conv2')).toMatchObject({ channelMode: 'shared', activation: 'relu' });
  });

  it('reach their layers', () => {
    const options = { kernelMode: 'correlation', padSide: 'start', padValue: '-inf' } as const;
    const places = { activation1: 'tanh', activation3: 'sigmoid', activation4: 'relu' } as const;
    const three = seedThreeLayer({ ...options, ...places, channelMode: 'shared', activations: { out: 'identity' } });
    expect(config(three, 'conv1')).toMatchObject({
      kernelMode: 'correlation',
      channelMode: 'shared',
      activation: 'tanh',
    });
    expect(config(three, 'pool1')).toMatchObject({ padSide: 'start', padValue: '-inf' });
    expect(['fc1', 'out'].map((layer) => config(three, layer).activation)).toEqual(['sigmoid', 'linear']);

    const five = seedFiveLayer({ ...options, ...places, activations: { conv2: 'relu', fc2: 'tanh' } });
    const layers = ['conv1', 'conv2', 'fc1', 'fc2', 'out'];
    expect(layers.map((layer) => config(five, layer).activation)).toEqual(['tanh', 'relu', 'sigmoid', 'tanh', 'relu']);
    expect(config(five, 'pool2')).toMatchObject({ padSide: 'start', padValue: '-inf' });
    expect(config(five, 'conv2')).toMatchObject({ kernelMode: 'correlation' });
  });

  it('weights are normal: sqrt(2 / fanIn) before relu, sqrt(1 / fanIn) elsewhere; biases 0', () => {
    const model = keep(seedThreeLayer({ filters: 512, units: 64, inputShape: [6, 6, 1] }));
    const [kernel, bias, , , out] = model.getWeights();
    const deviation = ({ data }: { data: Float32Array }): number =>
      Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
    expect(deviation(kernel!) / Math.sqrt(2 / 9)).toBeCloseTo(1, 1);
    expect(deviation(out!) / Math.sqrt(1 / 64)).toBeCloseTo(1, 1);
    expect([...bias!.data]).toEqual(new Array(512).fill(0));
  });

  it.each([
    [
      'an option',
      () => seedThreeLayer({ filters1: 3 } as never),
      'seedThreeLayer: unknown option filters1; known: inputShape, filters, strides',
    ],
    [
      'an option of the other',
      () => seedFiveLayer({ units: 3 } as never),
      'seedFiveLayer: unknown option units; known: inputShape, filters1',
    ],
    [
      'a layer',
      () => seedFiveLayer({ activations: { conv3: 'relu' } }),
      'seedFiveLayer: activations names layer "conv3", which has none',
    ],
    [
      'an order without rates',
      () => seedThreeLayer({ updateOrder: { block: 2 } }),
      'seedThreeLayer: updateOrder {"block":2} goes with rates',
    ],
    ['a missing rate', () => seedThreeLayer({ rates: { eta: 1, alpha: 1 } as never }), 'paperSgd: beta must be'],
    [
      'a layer of rates',
      () => seedThreeLayer({ rates: { ...rates, perLayer: { conv2: 0 } } }),
      'perLayer names layer "conv2"',
    ],
  ])('refuse %s that is not known', (_, make, message) => {
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });
});

const rates = { eta: 0.004, alpha: 0.002, beta: 0.001 };

describe('rates', () => {
  it('are eta for the output, alpha for dense layers, beta for convolutions, or their own', () => {
    const three = seedThreeLayer({ rates });
    expect(three.optimizer).toMatchObject({ name: 'sgd', perLayer: { out: 0.004, fc1: 0.002, conv1: 0.001 } });
    const { perLayer } = paperSgd(seedFiveLayer(), { ...rates, perLayer: { conv2: 0.5, fc1: 0 } });
    expect(perLayer).toEqual({ conv1: 0.001, conv2: 0.5, fc1: 0, fc2: 0.002, out: 0.004 });
  });

  it('of 0 freeze a layer bit for bit, in any order of updates', () => {
    for (const updateOrder of ['joint', 'sequential', 'gaussSeidel', { block: 3 }] as const) {
      const sizes = { filters1: 2, filters2: 3, units1: 5, units2: 4, classes: 3 };
      const frozen = { ...rates, perLayer: { conv2: 0, fc1: 0 } };
      const model = keep(seedFiveLayer({ ...sizes, rates: frozen, updateOrder, activation1: 'tanh', seed: 4 }));
      const before = model.getWeights();
      const [x, y] = [randomArray([4, 13, 13, 1], 1), randomArray([4, 3], 2)];
      for (let step = 0; step < 3; step++) model.trainOnBatch(x, y);
      model.getWeights().forEach(({ data }, index) => {
        if ([2, 3, 4, 5].includes(index)) expectSameBits(`weight ${index}`, data, before[index]!.data);
        else expect([...data], `weight ${index}`).not.toEqual([...before[index]!.data]);
      });
    }
  });
});
