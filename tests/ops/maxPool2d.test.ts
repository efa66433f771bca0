import { describe, expect, test } from 'vitest';
import { EngineBuffer, maxPool2dBackward, maxPool2dForward, type MaxPool2dOptions } from '../../ts/entrypoints/ops.ts';
import { DataError, OptionError, ShapeError } from '../../ts/errors.ts';
import { array, integers, useEngine } from './support.ts';

useEngine();

interface Case {
  name: string;
  input: ReturnType<typeof array>;
  options: MaxPool2dOptions;
  shape: readonly number[];
  output: readonly number[];
  positions: readonly number[];
  gradOutput: readonly number[];
  gradInput: readonly number[];
}

// All numbers worked out by hand.
const cases: Case[] = [
  {
    name: 'defaults: 2 x 2, the rest dropped, the first of equals',
    input: array([1, 3, 4, 1], [1, 5, 2, 2, 3, 5, 2, 0, 9, 9, 9, 9]),
    options: {},
    shape: [1, 1, 2, 1],
    output: [5, 2],
    positions: [1, 2],
    gradOutput: [10, 20],
    gradInput: [0, 10, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: 'windows that overlap add up',
    input: array([1, 1, 4, 1], [1, 7, 3, 4]),
    options: { poolSize: [1, 2], strides: 1 },
    shape: [1, 1, 3, 1],
    output: [7, 7, 4],
    positions: [1, 1, 3],
    gradOutput: [1, 2, 4],
    gradInput: [0, 3, 0, 4],
  },
  {
    name: 'ceil with zeros at the end, which win over negative cells',
    input: array([1, 3, 3, 1], [-1, -2, -3, -4, -5, -6, -7, -8, -9]),
    options: { rounding: 'ceil', padValue: 'zero' },
    shape: [1, 2, 2, 1],
    output: [-1, 0, 0, 0],
    positions: [0, -1, -1, -1],
    gradOutput: [1, 2, 4, 8],
    gradInput: [1, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  {
    name: 'ceil with padding at the start that never wins',
    input: array([1, 3, 3, 1], [-1, -2, -3, -4, -5, -6, -7, -8, -9]),
    options: { rounding: 'ceil', padSide: 'start' },
    shape: [1, 2, 2, 1],
    output: [-1, -2, -4, -5],
    positions: [0, 1, 3, 4],
    gradOutput: [1, 2, 4, 8],
    gradInput: [1, 2, 0, 4, 8, 0, 0, 0, 0],
  },
  {
    name: 'same: the odd cell at the end',
    input: array([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]),
    options: { padding: 'same' },
    shape: [1, 1, 2, 1],
    output: [5, 6],
    positions: [4, 5],
    gradOutput: [1, 2],
    gradInput: [0, 0, 0, 0, 1, 2],
  },
  {
    name: 'two samples of two channels, NaN wins',
    input: array([2, 2, 2, 2], [1, 8, 2, 7, 3, 6, 4, 5, NaN, 0, 1, 1, 2, 2, 3, 3]),
    options: { poolSize: 2 },
    shape: [2, 1, 1, 2],
    output: [4, 8, NaN, 3],
    positions: [3, 0, 0, 3],
    gradOutput: [1, 2, 3, 4],
    gradInput: [0, 2, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 4],
  },
];

describe.for(cases)('$name', ({ input, options, shape, ...expected }) => {
  test('arrays', () => {
    const { output, positions } = maxPool2dForward(input, options);
    expect(output).toEqual(array(shape, expected.output));
    expect(positions).toEqual(integers(shape, expected.positions));
    const gradInput = maxPool2dBackward(array(shape, expected.gradOutput), positions, {
      ...options,
      inputShape: input.shape,
    });
    expect(gradInput).toEqual(array(input.shape, expected.gradInput));
  });

  test('buffers', () => {
    const x = EngineBuffer.from(input);
    const out = { output: new EngineBuffer(shape), positions: new EngineBuffer(shape, { dtype: 'int32' }) };
    expect(maxPool2dForward(x, { ...options, out })).toEqual(out);
    expect(out.output.read()).toEqual(array(shape, expected.output));
    expect(out.positions.read()).toEqual(integers(shape, expected.positions));
    out.output.write(array(shape, expected.gradOutput));
    const backward = { ...options, inputShape: input.shape, out: x };
    expect(maxPool2dBackward(out.output, out.positions, backward)).toBe(x);
    expect(x.read()).toEqual(array(input.shape, expected.gradInput));
    for (const buffer of [x, out.output, out.positions]) buffer.dispose();
  });
});

describe('checks', () => {
  const input = array([1, 2, 2, 1], [1, 2, 3, 4]);
  const gradOutput = array([1, 1, 1, 1], [1]);

  test('shapes', () => {
    const large = () => maxPool2dForward(input, { poolSize: 3 });
    expect(large).toThrow('maxPool2dForward: poolSize [3, 3] does not fit input [2, 2] with padding "valid"');
    expect(large).toThrow(ShapeError);
    const backward = () => maxPool2dBackward(input, integers([1, 2, 2, 1], [0, 0, 0, 0]), { inputShape: [1, 2, 2, 1] });
    expect(backward).toThrow('maxPool2dBackward: gradOutput: expected [1, 1, 1, 1], got [1, 2, 2, 1]');
  });

  test.for([4, -2, 2 ** 31 - 1])('position %i', (position) => {
    const message = `maxPool2dBackward: positions[0] is ${position}, expected an integer in [-1, 4)`;
    const positions = integers([1, 1, 1, 1], [position]);
    const buffer = EngineBuffer.from(positions, { dtype: 'int32' });
    for (const each of [positions, buffer]) {
      const call = () => maxPool2dBackward(gradOutput, each, { inputShape: [1, 2, 2, 1] });
      expect(call).toThrow(message);
      expect(call).toThrow(DataError);
    }
    buffer.dispose();
  });

  test('element types', () => {
    const out = { positions: new EngineBuffer([1, 1, 1, 1]) };
    const wrong = () => maxPool2dForward(input, { out: out as never });
    expect(wrong).toThrow('maxPool2dForward: positions: expected dtype int32, got float32');
    expect(wrong).toThrow(OptionError);
    out.positions.dispose();
    const fraction = () => maxPool2dBackward(gradOutput, array([1, 1, 1, 1], [0.5]), { inputShape: [1, 2, 2, 1] });
    expect(fraction).toThrow('maxPool2dBackward: positions: data[0] is 0.5, expected an integer');
  });
});
