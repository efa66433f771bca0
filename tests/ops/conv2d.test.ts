import { describe, expect, test } from 'vitest';
import { OptionError, ShapeError } from '../../ts/errors.ts';
import {
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  EngineBuffer,
  type Conv2dCallOptions,
} from '../../ts/entrypoints/ops.ts';
import { expectClose } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';
import { conv2d } from '../support/reference/network.ts';
import { array, flatRows, rowsOf, useEngine } from './support.ts';

// Sums of at most 36 products of numbers below 1 in float32.
const tolerance = 1e-6;

interface Case {
  input: readonly [number, number, number, number];
  kernel: readonly [number, number];
  filters: number;
  options: Conv2dCallOptions;
  strides?: readonly [number, number];
  /** [top, bottom, left, right], worked out by hand. */
  pads?: readonly [number, number, number, number];
  output: readonly [number, number];
}

const cases: Case[] = [
  { input: [2, 5, 4, 3], kernel: [3, 2], filters: 5, options: {}, output: [3, 3] },
  { input: [3, 6, 5, 1], kernel: [1, 1], filters: 1, options: { strides: 2 }, strides: [2, 2], output: [3, 3] },
  { input: [1, 6, 5, 2], kernel: [3, 4], filters: 3, options: { padding: 'same' }, pads: [1, 1, 1, 2], output: [6, 5] },
  {
    input: [2, 7, 6, 2],
    kernel: [3, 3],
    filters: 4,
    options: { padding: 'same', strides: [2, 3] },
    strides: [2, 3],
    pads: [1, 1, 0, 0],
    output: [4, 2],
  },
  {
    input: [2, 4, 4, 4],
    kernel: [3, 3],
    filters: 2,
    options: {
      padding: [
        [2, 0],
        [1, 3],
      ],
      strides: [1, 2],
    },
    strides: [1, 2],
    pads: [2, 0, 1, 3],
    output: [4, 3],
  },
];

const used = useEngine();

describe.for(cases)('%o', ({ input: inputShape, kernel, filters, options, output: [outHeight, outWidth], ...rest }) => {
  const { strides = [1, 1], pads = [0, 0, 0, 0] } = rest;
  const [samples, height, width, channels] = inputShape;
  const [kernelHeight, kernelWidth] = kernel;
  const input = randomArray(inputShape, 1);
  const weight = randomArray([kernelHeight, kernelWidth, channels, filters], 2);
  const bias = randomArray([filters], 3);
  const gradOutput = randomArray([samples, outHeight, outWidth, filters], 4);
  const geometry = { input: [height, width, channels] as const, kernel, filters, stride: strides, pads, turned: false };
  const reference = conv2d(geometry, Float64Array.from(weight.data), Float64Array.from(bias.data));
  const expected = flatRows(reference.forward(rowsOf(input)));
  const gradInput = flatRows(reference.backward(rowsOf(gradOutput)));

  test('forward', () => {
    const output = conv2dForward(input, weight, { ...options, bias });
    expect(output.shape).toEqual([samples, outHeight, outWidth, filters]);
    expectClose('output', output.data, expected, tolerance);
    const withoutBias = conv2dForward(input, weight, { ...options, activation: 'relu' });
    const relu = expected.map((value, at) => Math.max(0, value - bias.data[at % filters]!));
    expectClose('output of relu without bias', withoutBias.data, relu, tolerance);
  });

  test('gradients', () => {
    const dx = conv2dBackwardInput(gradOutput, weight, { ...options, inputShape });
    expect(dx.shape).toEqual(inputShape);
    expectClose('gradInput', dx.data, gradInput, tolerance);
    const dw = conv2dBackwardWeight(input, gradOutput, { ...options, kernelSize: kernel });
    expect(dw.gradWeight.shape).toEqual(weight.shape);
    expect(dw.gradBias.shape).toEqual([filters]);
    expectClose('gradWeight', dw.gradWeight.data, reference.gradients.kernel!, tolerance);
    expectClose('gradBias', dw.gradBias.data, reference.gradients.bias!, tolerance);
  });

  test('in buffers, without copies', () => {
    const arrays = [input, weight, bias, gradOutput] as const;
    const [x, w, b, dy] = arrays.map((each) => EngineBuffer.from(each)) as [
      EngineBuffer,
      EngineBuffer,
      EngineBuffer,
      EngineBuffer,
    ];
    const y = new EngineBuffer([samples, outHeight, outWidth, filters]);
    expect(conv2dForward(x, w, { ...options, bias: b, out: y })).toBe(y);
    expectClose('output', y.read().data, expected, tolerance);
    const dx = new EngineBuffer(inputShape);
    expect(conv2dBackwardInput(dy, w, { ...options, inputShape, out: dx })).toBe(dx);
    expectClose('gradInput', dx.read().data, gradInput, tolerance);

    const out = { gradWeight: new EngineBuffer(weight.shape), gradBias: new EngineBuffer([filters]) };
    const result = conv2dBackwardWeight(x, dy, { ...options, kernelSize: kernel, out });
    expect(result.gradWeight).toBe(out.gradWeight);
    const once = result.gradWeight.read().data;
    conv2dBackwardWeight(x, dy, { ...options, kernelSize: kernel, out });
    expectClose('overwritten', out.gradWeight.read().data, once, 0);
    conv2dBackwardWeight(x, dy, { ...options, kernelSize: kernel, out, accumulate: true });
    const twice = (values: Iterable<number>) => Array.from(values, (value) => 2 * value);
    expectClose('gradWeight, added', out.gradWeight.read().data, twice(once), tolerance);
    expectClose('gradBias, added', out.gradBias.read().data, twice(reference.gradients.bias!), tolerance);
    for (const buffer of [x, w, b, dy, y, dx, out.gradWeight, out.gradBias]) buffer.dispose();
  });
});

describe('checks', () => {
  const input = randomArray([2, 5, 5, 3], 1);
  const weight = randomArray([3, 3, 3, 4], 2);
  const gradOutput = randomArray([2, 3, 3, 4], 3);

  test.for<[string, () => unknown, string]>([
    [
      'axes of the input',
      () => conv2dForward(array([2, 2], [1, 2, 3, 4]), weight),
      'conv2dForward: input: expected [N, height, width, channels], got [2, 2]',
    ],
    [
      'an empty axis',
      () => conv2dForward(array([1, 0, 2, 3], []), weight),
      'conv2dForward: input: expected [N, height, width, channels], got [1, 0, 2, 3]',
    ],
    [
      'channels',
      () => conv2dForward(randomArray([2, 5, 5, 2], 1), weight),
      'conv2dForward: weight: expected [3, 3, 2, 4], got [3, 3, 3, 4]',
    ],
    [
      'the bias',
      () => conv2dForward(input, weight, { bias: randomArray([3], 1) }),
      'conv2dForward: bias: expected [4], got [3]',
    ],
    [
      'a kernel that does not fit',
      () => conv2dForward(randomArray([1, 2, 5, 3], 1), weight),
      'conv2dForward: kernelSize [3, 3] does not fit input [2, 5] with padding "valid"',
    ],
    [
      'the gradient',
      () => conv2dBackwardInput(gradOutput, weight, { inputShape: [2, 5, 5, 3], padding: 'same' }),
      'conv2dBackwardInput: gradOutput: expected [2, 5, 5, 4], got [2, 3, 3, 4]',
    ],
    [
      'inputShape',
      () => conv2dBackwardInput(gradOutput, weight, { inputShape: [5, 5, 3] }),
      'conv2dBackwardInput: inputShape: expected [N, height, width, channels], got [5, 5, 3]',
    ],
    [
      'the batch',
      () => conv2dBackwardWeight(randomArray([1, 5, 5, 3], 1), gradOutput, { kernelSize: 3 }),
      'conv2dBackwardWeight: gradOutput: expected [1, 3, 3, 4], got [2, 3, 3, 4]',
    ],
    [
      'the length of data',
      () => conv2dForward({ ...input, shape: [2, 5, 5, 4] }, weight),
      'conv2dForward: input: shape [2, 5, 5, 4] needs 200 elements, data has 150',
    ],
  ])('%s', ([, call, message]) => {
    expect(call).toThrow(message);
    expect(call).toThrow(ShapeError);
  });

  test('options', () => {
    const unknown = { stride: 2 } as object;
    expect(() => conv2dForward(input, weight, unknown)).toThrow(
      'conv2dForward: unknown option stride; known: strides, padding',
    );
    expect(() => conv2dForward(input, weight, { strides: 0 })).toThrow(
      'conv2dForward: strides must be an integer >= 1, got 0',
    );
    const accumulate = () => conv2dBackwardWeight(input, gradOutput, { kernelSize: 3, accumulate: true });
    expect(accumulate).toThrow('conv2dBackwardWeight: accumulate needs both buffers: out: { gradWeight, gradBias }');
    expect(accumulate).toThrow(OptionError);
    expect(() => conv2dForward(input, weight, { activation: 'softmax' as 'relu' })).toThrow(
      'conv2dForward: activation must be one of "linear", "relu", "sigmoid", "tanh", got "softmax"',
    );
  });

  test('an output of another shape is refused before anything is written', () => {
    const out = EngineBuffer.from(randomArray([2, 3, 3, 5], 9));
    const before = out.read();
    expect(() => conv2dForward(input, weight, { out })).toThrow(
      'conv2dForward: output: expected [2, 3, 3, 4], got [2, 3, 3, 5]',
    );
    expect(out.read()).toEqual(before);
    out.dispose();
  });

  test('a batch of none', () => {
    expect(conv2dForward(array([0, 5, 5, 3], []), weight)).toEqual(array([0, 3, 3, 4], []));
    expect(used.engine.state).toBe('live');
  });
});
