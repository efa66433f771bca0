import { beforeAll, describe, test } from 'vitest';
import { expectSameBits } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

describe.each([0, 1, 3, 4, 5, 8, 17, 1000])('%i elements', (size) => {
  // One rounding each, as in every IEEE addition and multiplication: the same bits.
  test('add', () => {
    const [a, b, output] = [values(1, size), values(2, size), unwritten(size)];
    harness.run('add', { attributes: { size }, operands: { a, b, output } });
    expectSameBits(
      'output',
      output,
      Float32Array.from(a, (value, i) => value + b[i]!),
    );
  });

  test('addInto', () => {
    const [source, before] = [values(1, size), values(2, size)];
    const target = before.slice();
    harness.run('addInto', { attributes: { size }, operands: { source, target } });
    expectSameBits(
      'target',
      target,
      Float32Array.from(before, (value, i) => value + source[i]!),
    );
  });

  test('sgdUpdate', () => {
    const [before, gradient] = [values(1, size), values(2, size)];
    const parameter = before.slice();
    const rate = Math.fround(0.3);
    harness.run('sgdUpdate', { attributes: { size }, operands: { parameter, gradient }, learningRate: 0.3 });
    const step = Float32Array.from(gradient, (value) => rate * value);
    expectSameBits(
      'parameter',
      parameter,
      Float32Array.from(before, (value, i) => value - step[i]!),
    );
  });
});

test('a rate of 0 skips the update, whatever the gradient', () => {
  const parameter = Float32Array.of(1, -0, 3);
  const gradient = Float32Array.of(Infinity, 1, NaN);
  harness.run('sgdUpdate', { attributes: { size: 3 }, operands: { parameter, gradient }, learningRate: 0 });
  expectSameBits('parameter', parameter, [1, -0, 3]);
});
