import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  init,
  layers,
  sequential,
  ShapeError,
  type NDArray,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const tensor = (shape: number[], ...data: number[]): NDArray<Float32Array> => ({
  data: Float32Array.from(data),
  shape,
});

describe('layouts', () => {
  it('dense: [in, units]', () => {
    const model = keep(sequential([layers.input({ shape: [2] }), layers.dense({ units: 3 })]));
    model.setWeights([tensor([2, 3], 1, 2, 3, 10, 20, 30), tensor([3], 0.5, 0, -0.5)]);
    // [1, 2] times [[1, 2, 3], [10, 20, 30]].
    expect([...model.predictOnBatch([[1, 2]]).data]).toEqual([21.5, 42, 62.5]);
  });

  /** 1 channel of `x` under each of two filters, read off as HWIO. */
  function convolve(kernelMode: 'correlation' | 'convolution', kernel: number[], x: number[][][]): number[] {
    const model = keep(
      sequential([
        layers.input({ shape: [x.length, x[0]!.length, x[0]![0]!.length] }),
        layers.conv2d({ filters: 2, kernelSize: 2, kernelMode, useBias: false }),
      ]),
    );
    const shape = [2, 2, x[0]![0]!.length, 2];
    model.setWeights([tensor(shape, ...kernel)]);
    expect([...model.getWeights()[0]!.data]).toEqual(kernel);
    expect(model.getWeights()[0]!.shape).toEqual(shape);
    return [...model.predictOnBatch([x]).data];
  }

  const picture = [
    [[1], [2]],
    [[3], [4]],
  ];
  // Filter 0 is [[1, 10], [100, 1000]], filter 1 its tenfold: [height, width, in, out], so the two alternate.
  const kernel = [1, 10, 10, 100, 100, 1000, 1000, 10000];

  it('conv2d: HWIO, correlation as written', () => {
    expect(convolve('correlation', kernel, picture)).toEqual([4321, 43210]);
  });

  it('conv2d in convolution mode: the same numbers shown, the kernel indexed from its other end', () => {
    expect(convolve('convolution', kernel, picture)).toEqual([1234, 12340]);
  });

  it('conv2d: input channels before filters', () => {
    const twoChannels = [
      [
        [1, 5],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ];
    // At the first position: channel 0 has [1, 2] for the two filters, channel 1 has [10, 20].
    const first = [1, 2, 10, 20];
    const rest = new Array<number>(12).fill(7);
    expect(convolve('correlation', [...first, ...rest], twoChannels)).toEqual([51, 102]);
    expect(convolve('convolution', [...rest, ...first], twoChannels)).toEqual([51, 102]);
  });

  it('flatten: channels last as in memory, channels first by planes', () => {
    const orders = (['channelsLast', 'channelsFirst'] as const).map((order) => {
      const model = keep(sequential([layers.input({ shape: [2, 2, 3] }), layers.flatten({ order })]));
      return [
        ...model.predictOnBatch({ data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [1, 2, 2, 3] }).data,
      ];
    });
    expect(orders[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(orders[1]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  it('strides and explicit padding: [[top, bottom], [left, right]]', () => {
    const model = keep(
      sequential([
        layers.input({ shape: [2, 2, 1] }),
        layers.conv2d({
          filters: 1,
          kernelSize: [1, 2],
          strides: [2, 1],
          padding: [
            [1, 0],
            [0, 2],
          ],
          useBias: false,
        }),
      ]),
    );
    model.setWeights([tensor([1, 2, 1, 1], 1, 10)]);
    // Rows of the padded picture: zeros, [1, 2, 0, 0], [3, 4, 0, 0]; every second one.
    expect([...model.predictOnBatch([picture]).data]).toEqual([0, 0, 0, 43, 4, 0]);
    expect(model.outputShape).toEqual([2, 3, 1]);
  });
});

describe('setWeights and getWeights', () => {
  it('are inverse, in the order of the layers, kernel before bias', () => {
    const [model, other] = [keep(smallModel({ seed: 1 })), keep(smallModel({ seed: 2 }))];
    const weights = model.getWeights();
    expect(weights.map(({ shape }) => shape)).toEqual([[3, 3, 1, 4], [4], [16, 8], [8], [8, 3], [3]]);
    other.setWeights(weights);
    expectSameBits('weights', flat(other.getWeights()), flat(weights));
    const { x } = smallData(3);
    expectSameBits('outputs', other.predictOnBatch(x).data, model.predictOnBatch(x).data);
  });

  it('give and take copies', () => {
    const model = keep(smallModel());
    const before = flat(model.getWeights());
    const weights = model.getWeights();
    weights[0]!.data.fill(0);
    (weights[0]!.shape as number[])[0] = 99;
    expectSameBits('weights', flat(model.getWeights()), before);
    expect(model.getWeights()[0]!.shape).toEqual([3, 3, 1, 4]);
    const given = model.getWeights();
    model.setWeights(given);
    given[0]!.data.fill(7);
    expectSameBits('weights', flat(model.getWeights()), before);
  });

  it('keep their bits, also of NaN, infinities and -0', () => {
    const model = keep(sequential([layers.input({ shape: [2] }), layers.dense({ units: 2, useBias: false })]));
    const odd = [-0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45];
    model.setWeights([tensor([2, 2], ...odd)]);
    expectSameBits('weights', model.getWeights()[0]!.data, Float32Array.from(odd));
  });

  it.each<[string, (good: NDArray<Float32Array>[]) => unknown, typeof ShapeError | typeof DataError, string]>([
    ['too few', (good) => good.slice(1), ShapeError, 'setWeights: expected 6 arrays, got 5'],
    ['no list', () => 'weights', ShapeError, 'setWeights: expected 6 arrays, got "weights"'],
    [
      'a wrong shape',
      (good) => good.with(2, randomArray([8, 16], 1)),
      ShapeError,
      'setWeights: dense "hidden" kernel: expected [16, 8], got [8, 16]',
    ],
    [
      'data shorter than its shape',
      (good) => good.with(5, { data: new Float32Array(2), shape: [3] }),
      ShapeError,
      'setWeights: dense "out" bias: shape [3] needs 3 elements, data has 2',
    ],
    [
      'data of another type',
      (good) => good.with(1, { data: new Int32Array(4), shape: [4] } as unknown as NDArray<Float32Array>),
      DataError,
      'setWeights: conv2d "conv" bias: expected { data: Float32Array, shape: [4] }, got data of type Int32Array',
    ],
    [
      'nested arrays',
      (good) => good.with(1, [1, 2, 3, 4] as unknown as NDArray<Float32Array>),
      DataError,
      'setWeights: conv2d "conv" bias: expected { data: Float32Array, shape: [4] }, got Array',
    ],
  ])('refuse %s, and write nothing', (_, make, type, message) => {
    const model = keep(smallModel());
    const before = flat(model.getWeights());
    const bad = make(keep(smallModel({ seed: 8 })).getWeights()) as NDArray<Float32Array>[];
    expect(() => model.setWeights(bad)).toThrow(type);
    expect(() => model.setWeights(bad)).toThrow(message);
    expectSameBits('weights', flat(model.getWeights()), before);
  });
});

describe('kernelMode', () => {
  /** One convolution, trained. */
  function trained(kernelMode: 'correlation' | 'convolution', kernel: Float32Array): Sequential {
    const model = keep(
      sequential([
        layers.input({ shape: [5, 4, 2] }),
        layers.conv2d({ filters: 3, kernelSize: [3, 2], kernelMode, activation: 'tanh' }),
      ]),
    );
    model.setWeights([{ data: kernel, shape: [3, 2, 2, 3] }, tensor([3], 0.1, 0.2, 0.3)]);
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    return model;
  }

  it('convolution with w is correlation with w turned by 180 degrees: outputs, gradients turned, and steps', () => {
    const w = randomArray([3, 2, 2, 3], 4).data;
    /** Reverses the six positions of a kernel, each of 2 x 3 channels. */
    const turn = (values: ArrayLike<number>): Float32Array =>
      Float32Array.from({ length: 36 }, (_, i) => values[(5 - Math.floor(i / 6)) * 6 + (i % 6)]!);
    const [convolution, correlation] = [trained('convolution', w), trained('correlation', turn(w))];
    const [x, y] = [randomArray([4, 5, 4, 2], 5), randomArray([4, 3, 3, 3], 6)];
    expectSameBits('outputs', convolution.predictOnBatch(x).data, correlation.predictOnBatch(x).data);
    const [a, b] = [convolution, correlation].map((model) => model.inspect({ x, y }));
    expectSameBits('dx', a!.inputGradient.data, b!.inputGradient.data);
    expectSameBits(
      'gradient',
      a!.layers.conv2d!.gradients.kernel!.data,
      turn(b!.layers.conv2d!.gradients.kernel!.data),
    );
    for (const model of [convolution, correlation]) model.trainOnBatch(x, y);
    const after = convolution.getWeights()[0]!.data;
    expectSameBits('weights', after, turn(correlation.getWeights()[0]!.data));
    expectClose(
      'step',
      after,
      w.map((value, i) => value - 0.01 * a!.layers.conv2d!.gradients.kernel!.data[i]!),
      1e-6,
    );
  });
});
