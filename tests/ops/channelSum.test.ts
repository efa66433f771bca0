import { expect, test } from 'vitest';
import { channelSumBackward, channelSumForward, EngineBuffer } from '../../ts/entrypoints/ops.ts';
import { OptionError, ShapeError } from '../../ts/errors.ts';
import { array, useEngine } from './support.ts';

useEngine();

const input = array([2, 1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const gradOutput = array([2, 1, 2, 1], [1, 2, 3, 4]);

test('arrays', () => {
  expect(channelSumForward(input)).toEqual(array([2, 1, 2, 1], [6, 15, 24, 33]));
  expect(channelSumBackward(gradOutput, { channels: 3 })).toEqual(
    array([2, 1, 2, 3], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]),
  );
});

test('buffers', () => {
  const [x, out] = [EngineBuffer.from(input), new EngineBuffer([2, 1, 2, 1])];
  expect(channelSumForward(x, { out })).toBe(out);
  expect(channelSumBackward(out, { channels: 3, out: x })).toBe(x);
  expect([...x.read().data]).toEqual([6, 6, 6, 15, 15, 15, 24, 24, 24, 33, 33, 33]);
  x.dispose();
  out.dispose();
});

test('mistakes', () => {
  const rows: [run: () => unknown, type: typeof OptionError | typeof ShapeError, message: string][] = [
    [
      () => channelSumForward(array([2], [1, 2])),
      ShapeError,
      'channelSumForward: input: expected [N, height, width, channels], got [2]',
    ],
    [
      () => channelSumBackward(gradOutput, { channels: 0 }),
      OptionError,
      'channelSumBackward: channels must be an integer >= 1, got 0',
    ],
    [
      () => channelSumBackward(input, { channels: 3 }),
      ShapeError,
      'channelSumBackward: gradOutput: expected [2, 1, 2, 1], got [2, 1, 2, 3]',
    ],
  ];
  for (const [run, type, message] of rows) {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  }
});
