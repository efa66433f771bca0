import { beforeAll, describe, expect, test } from 'vitest';
import { expectWithin, largest } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';
import { softmaxBackward, softmaxForward } from './reference/softmax.ts';
import { dot, magnitudes, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

function forward(rows: number, columns: number, input: Float32Array): Float32Array {
  const output = unwritten(input.length);
  harness.run('softmaxForward', { attributes: { rows, columns }, operands: { input, output } });
  return output;
}

function backward(rows: number, columns: number, output: Float32Array, gradOutput: Float32Array): Float32Array {
  const gradInput = unwritten(output.length);
  harness.run('softmaxBackward', { attributes: { rows, columns }, operands: { output, gradOutput, gradInput } });
  return gradInput;
}

describe.each([0, 1, 3, 6])('%i rows', (rows) => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 10, 33])('of %i', (columns) => {
    const range = 20;
    const input = values(1, rows * columns).map((v) => (v * range) / 2);
    const output = forward(rows, columns, input);
    // The distance to the largest logit is rounded, and the exponential and the quotient are.
    expectWithin('output', output, softmaxForward(columns, input), (range + 8) * 2 ** -24);

    const [g, h] = [values(2, rows * columns), values(3, rows * columns)];
    const gradInput = backward(rows, columns, output, g);
    const tolerance = sumTolerance(columns + 4, 2 * largest(magnitudes(g)));
    expectWithin('gradInput', gradInput, softmaxBackward(columns, output, g), tolerance);
    // The Jacobian is symmetric.
    const [left, right] = [dot(gradInput, h), dot(g, backward(rows, columns, output, h))];
    expectWithin('<J g, h>', [left], [right], 2 * rows * sumTolerance(columns + 4, 2));
  });
});

test('logits of any size', () => {
  const row = Float32Array.of(3e38, -3e38, 3e38, -Infinity);
  expect(forward(1, 4, row)).toEqual(Float32Array.of(0.5, 0, 0.5, 0));
});

test('NaN stays in its row and fills it', () => {
  const input = values(1, 15);
  input[7] = NaN;
  const output = forward(3, 5, input);
  expect(Array.from(output, Number.isNaN)).toEqual(Array.from(output, (_, i) => Math.floor(i / 5) === 1));
});
