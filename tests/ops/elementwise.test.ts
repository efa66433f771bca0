import { describe, expect, test } from 'vitest';
import {
  activationBackward,
  activationForward,
  add,
  addInto,
  EngineBuffer,
  nchwToNhwc,
  nhwcToNchw,
  softmaxBackward,
  softmaxForward,
  type Activation,
} from '../../ts/entrypoints/ops.ts';
import { OptionError, ShapeError } from '../../ts/errors.ts';
import { expectClose } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';
import { array, useEngine } from './support.ts';

// A few roundings of float32.
const tolerance = 4e-7;

useEngine();

const functions: Record<Activation, { value: (a: number) => number; slope: (a: number) => number }> = {
  linear: { value: (a) => a, slope: () => 1 },
  relu: { value: (a) => Math.max(a, 0), slope: (a) => (a > 0 ? 1 : 0) },
  sigmoid: { value: (a) => 1 / (1 + Math.exp(-a)), slope: (a) => Math.exp(-a) / (1 + Math.exp(-a)) ** 2 },
  tanh: { value: Math.tanh, slope: (a) => 1 / Math.cosh(a) ** 2 },
};

describe.for(Object.keys(functions) as Activation[])('activation %s', (activation) => {
  const { value, slope } = functions[activation];
  const input = randomArray([3, 2, 5], 1);
  const gradOutput = randomArray([3, 2, 5], 2);
  const expected = Array.from(input.data, value);
  const gradInput = Array.from(input.data, (a, at) => slope(a) * gradOutput.data[at]!);

  test('arrays', () => {
    const output = activationForward(input, { activation });
    expect(output.shape).toEqual([3, 2, 5]);
    expectClose('output', output.data, expected, tolerance);
    expectClose('gradInput', activationBackward(output, gradOutput, { activation }).data, gradInput, tolerance);
  });

  test('buffers, in place', () => {
    const [x, dy] = [EngineBuffer.from(input), EngineBuffer.from(gradOutput)];
    expect(activationForward(x, { activation, out: x })).toBe(x);
    expectClose('output', x.read().data, expected, tolerance);
    expect(activationBackward(x, dy, { activation, out: dy })).toBe(dy);
    expectClose('gradInput', dy.read().data, gradInput, tolerance);
    const over = () => activationBackward(x, dy, { activation, out: x });
    expect(over).toThrow('activationBackward: gradInput is written and cannot be the buffer of output');
    expect(over).toThrow(OptionError);
    for (const buffer of [x, dy]) buffer.dispose();
  });
});

test('activation: bytes are scaled, other shapes refused', () => {
  const bytes = { data: Uint8Array.of(0, 51, 255), shape: [3], scale: 1 / 255 };
  expectClose('scaled', activationForward(bytes, { activation: 'identity' }).data, [0, 0.2, 1], tolerance);
  const call = () => activationBackward(bytes, array([1, 3], [1, 2, 3]), { activation: 'relu' });
  expect(call).toThrow('activationBackward: gradOutput: expected [3], got [1, 3]');
  expect(call).toThrow(ShapeError);
});

describe('softmax', () => {
  const input = randomArray([2, 3, 4], 1);
  const gradOutput = randomArray([2, 3, 4], 2);
  const expected = Array.from({ length: 6 }, (_, row) => {
    const exps = Array.from(input.data.subarray(4 * row, 4 * row + 4), Math.exp);
    return exps.map((value) => value / exps.reduce((sum, each) => sum + each));
  });
  const gradInput = expected.flatMap((z, row) => {
    const g = [...gradOutput.data.subarray(4 * row, 4 * row + 4)];
    // The whole Jacobian: dz_i / da_j = z_i ((i = j) - z_j).
    return z.map((zj, j) => z.reduce((sum, zi, i) => sum + g[i]! * zi * ((i === j ? 1 : 0) - zj), 0));
  });

  test('along the last axis', () => {
    const output = softmaxForward(input);
    expect(output.shape).toEqual([2, 3, 4]);
    expectClose('output', output.data, expected.flat(), tolerance);
    expectClose('gradInput', softmaxBackward(output, gradOutput).data, gradInput, tolerance);
  });

  test('in buffers', () => {
    const [x, y, dy] = [EngineBuffer.from(input), new EngineBuffer([2, 3, 4]), EngineBuffer.from(gradOutput)];
    expect(softmaxForward(x, { out: y })).toBe(y);
    expect(softmaxBackward(y, dy, { out: x })).toBe(x);
    expectClose('gradInput', x.read().data, gradInput, tolerance);
    for (const buffer of [x, y, dy]) buffer.dispose();
  });

  test('refuses no columns', () => {
    const message = 'softmaxForward: input: expected a last axis of at least 1, got [3, 0]';
    expect(() => softmaxForward(array([3, 0], []))).toThrow(message);
    expect(() => softmaxForward(array([], [1]))).toThrow(ShapeError);
  });
});

test('add and addInto', () => {
  const [a, b] = [array([2, 2], [1, 2, 3, 4]), array([2, 2], [10, 20, 30, 40])];
  const sum = array([2, 2], [11, 22, 33, 44]);
  expect(add(a, b)).toEqual(sum);
  expect(addInto(a, b)).toEqual(sum);
  expect(b).toEqual(array([2, 2], [10, 20, 30, 40]));
  const target = EngineBuffer.from(b);
  expect(addInto(a, target)).toBe(target);
  expect(target.read()).toEqual(sum);
  expect(add(a, a, { out: target })).toBe(target);
  expect(target.read()).toEqual(array([2, 2], [2, 4, 6, 8]));
  expect(() => addInto(target, target)).toThrow('addInto: target is written and cannot be the buffer of source');
  target.dispose();
  expect(() => add(a, array([4], [1, 2, 3, 4]))).toThrow('add: b: expected [2, 2], got [4]');
});

test('permutations', () => {
  // [2, 1, 2, 3]: two samples of one row, two columns, three channels.
  const channelsLast = array([2, 1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const channelsFirst = array([2, 3, 1, 2], [1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]);
  expect(nhwcToNchw(channelsLast)).toEqual(channelsFirst);
  expect(nchwToNhwc(channelsFirst)).toEqual(channelsLast);
  const [x, y] = [EngineBuffer.from(channelsLast), new EngineBuffer([2, 3, 1, 2])];
  expect(nhwcToNchw(x, { out: y })).toBe(y);
  expect(y.read()).toEqual(channelsFirst);
  for (const buffer of [x, y]) buffer.dispose();
  expect(() => nhwcToNchw(array([2, 2], [1, 2, 3, 4]))).toThrow(
    'nhwcToNchw: input: expected [N, height, width, channels], got [2, 2]',
  );
});
