import { beforeAll, describe, expect, test } from 'vitest';
import { activationCodes, type Activation } from '../../ts/ops/activation.ts';
import { expectSameBits } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';
import { activate, derivative } from './reference/activation.ts';
import { expectUlps } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

const activations = Object.keys(activationCodes) as Activation[];
/** None, parts of a vector, a vector, and more. */
const sizes = [0, 1, 3, 4, 5, 8, 17, 1000];
const special = [0, -0, 1, -1, 1e-45, -1e-45, 1e-38, 88, -88, 104, -104, 3.4e38, -3.4e38, Infinity, -Infinity, NaN];

function forward(activation: Activation, input: Float32Array): Float32Array {
  const output = unwritten(input.length);
  harness.run('activationForward', { attributes: { activation, size: input.length }, operands: { input, output } });
  return output;
}

function backward(activation: Activation, output: Float32Array, gradOutput: Float32Array): Float32Array {
  const gradInput = unwritten(output.length);
  const attributes = { activation, size: output.length };
  harness.run('activationBackward', { attributes, operands: { output, gradOutput, gradInput } });
  return gradInput;
}

describe.each(activations)('%s', (activation) => {
  test.each(sizes)('forward and backward of %i elements', (size) => {
    const input = values(1, size).map((v) => 12 * v);
    const output = forward(activation, input);
    expectUlps(
      'output',
      output,
      Array.from(input, (x) => activate(activation, x)),
      2,
    );
    const gradOutput = values(2, size);
    const expected = Array.from(output, (y, i) => gradOutput[i]! * derivative(activation, y));
    // Three to four roundings of products and differences.
    expectUlps('gradInput', backward(activation, output, gradOutput), expected, 4);
  });

  test('ends, infinities and NaN', () => {
    const input = Float32Array.from(special);
    expectUlps(
      'output',
      forward(activation, input),
      Array.from(input, (x) => activate(activation, x)),
      2,
    );
  });

  test('in place gives the same bits', () => {
    const input = values(3, 37).map((v) => 5 * v);
    const output = forward(activation, input);
    const inPlace = input.slice();
    const attributes = { activation, size: inPlace.length };
    harness.run('activationForward', { attributes, operands: { input: inPlace, output: inPlace } });
    expectSameBits('output', inPlace, output);
    const gradients = values(4, 37);
    const expected = backward(activation, output, gradients);
    harness.run('activationBackward', {
      attributes,
      operands: { output, gradOutput: gradients, gradInput: gradients },
    });
    expectSameBits('gradInput', gradients, expected);
  });

  test('NaN in gradients goes through', () => {
    const got = backward(activation, Float32Array.of(0.5, 0.25, 0.75), Float32Array.of(NaN, 1, NaN));
    expect(Array.from(got, Number.isNaN)).toEqual([true, false, true]);
  });
});

test('the slope of relu at 0 is 0, and what is NaN stays so in training', () => {
  const got = backward('relu', Float32Array.of(0, -0, 1e-45, NaN), Float32Array.of(2, 2, 2, NaN));
  expectSameBits('gradInput', got, [0, 0, 2, NaN]);
});

test('a code that stands for no activation is refused', () => {
  const call = (): unknown => harness.engine.run((kernels) => kernels.activation_forward(4, 0, 0, 0));
  expect(call).toThrow('activation: expected a code in [0, 4), got 4');
});
