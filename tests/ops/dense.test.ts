import { describe, expect, test } from 'vitest';
import {
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
  EngineBuffer,
  gemm,
  type Tensor,
} from '../../ts/entrypoints/ops.ts';
import { OptionError, ShapeError } from '../../ts/errors.ts';
import { expectClose } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';
import { dense } from '../support/reference/network.ts';
import { array, flatRows, rowsOf, useEngine } from './support.ts';

// Sums of at most 33 products of numbers below 1 in float32.
const tolerance = 1e-6;

useEngine();

describe.for([
  [1, 1, 1],
  [3, 5, 7],
  [10, 33, 17],
] as const)('dense, %i samples, %i inputs, %i units', ([samples, inputs, units]) => {
  const input = randomArray([samples, inputs], 1);
  const weight = randomArray([inputs, units], 2);
  const bias = randomArray([units], 3);
  const gradOutput = randomArray([samples, units], 4);
  const reference = dense(inputs, units, Float64Array.from(weight.data), Float64Array.from(bias.data));
  const expected = flatRows(reference.forward(rowsOf(input)));
  const gradInput = flatRows(reference.backward(rowsOf(gradOutput)));

  test('forward', () => {
    const output = denseForward(input, weight, { bias, activation: 'tanh' });
    expect(output.shape).toEqual([samples, units]);
    expectClose('output', output.data, expected.map(Math.tanh), tolerance);
    const withoutBias = expected.map((value, at) => value - bias.data[at % units]!);
    expectClose('without bias', denseForward(input, weight).data, withoutBias, tolerance);
  });

  test('gradients', () => {
    expectClose('gradInput', denseBackwardInput(gradOutput, weight).data, gradInput, tolerance);
    const { gradWeight, gradBias } = denseBackwardWeight(input, gradOutput);
    expect([gradWeight.shape, gradBias.shape]).toEqual([[inputs, units], [units]]);
    expectClose('gradWeight', gradWeight.data, reference.gradients.kernel!, tolerance);
    expectClose('gradBias', gradBias.data, reference.gradients.bias!, tolerance);
  });

  test('in buffers', () => {
    const [x, w, b, dy] = [input, weight, bias, gradOutput].map((each) => EngineBuffer.from(each)) as [
      EngineBuffer,
      EngineBuffer,
      EngineBuffer,
      EngineBuffer,
    ];
    const y = new EngineBuffer([samples, units]);
    expect(denseForward(x, w, { bias: b, out: y })).toBe(y);
    expectClose('output', y.read().data, expected, tolerance);
    // One gradient into a buffer, the other as an array.
    const out = { gradWeight: new EngineBuffer([inputs, units]) };
    const { gradWeight, gradBias } = denseBackwardWeight(x, dy, { out });
    expect(gradWeight).toBe(out.gradWeight);
    expectClose('gradWeight', gradWeight.read().data, reference.gradients.kernel!, tolerance);
    expectClose('gradBias', gradBias.data, reference.gradients.bias!, tolerance);
    expect(denseBackwardInput(dy, w, { out: x })).toBe(x);
    expectClose('gradInput', x.read().data, gradInput, tolerance);
    for (const buffer of [x, w, b, dy, y, out.gradWeight]) buffer.dispose();
  });
});

test('dense refuses shapes that do not go together', () => {
  const [input, weight] = [randomArray([2, 3], 1), randomArray([4, 5], 2)];
  expect(() => denseForward(input, weight)).toThrow('denseForward: weight: expected [3, 5], got [4, 5]');
  expect(() => denseForward(input, weight)).toThrow(ShapeError);
  expect(() => denseBackwardInput(input, weight)).toThrow('denseBackwardInput: weight: expected [4, 3], got [4, 5]');
  expect(() => denseBackwardWeight(input, weight)).toThrow(
    'denseBackwardWeight: gradOutput: expected [2, 5], got [4, 5]',
  );
  expect(() => denseForward(randomArray([2, 3, 1], 1), weight)).toThrow(
    'denseForward: input: expected [N, inputs], got [2, 3, 1]',
  );
});

/** `A[m, k] B[k, n]` as it is defined. */
function product(a: readonly number[], b: readonly number[], m: number, n: number, k: number): number[] {
  const entry = (i: number, j: number) => Array.from({ length: k }, (_, l) => a[i * k + l]! * b[l * n + j]!);
  return Array.from({ length: m * n }, (_, at) =>
    entry(Math.floor(at / n), at % n).reduce((sum, value) => sum + value, 0),
  );
}

function transposed(values: readonly number[], rows: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
}

describe('gemm', () => {
  const [m, n, k] = [5, 7, 9];
  const [a, b, c] = [randomArray([m, k], 1), randomArray([k, n], 2), randomArray([m, n], 3)];
  const aTurned = array([k, m], transposed([...a.data], m, k));
  const bTurned = array([n, k], transposed([...b.data], k, n));
  const expected = product([...a.data], [...b.data], m, n, k);

  test.for([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const)('transposeA %s, transposeB %s', ([transposeA, transposeB]) => {
    const result = gemm(transposeA ? aTurned : a, transposeB ? bTurned : b, { transposeA, transposeB });
    expect(result.shape).toEqual([m, n]);
    expectClose('c', result.data, expected, tolerance);
  });

  test('alpha and beta, into an array and in place', () => {
    const sum = expected.map((value, at) => 0.5 * value - 2 * c.data[at]!);
    const given = c.data.slice();
    expectClose('new', gemm(a, b, { c, alpha: 0.5, beta: -2 }).data, sum, tolerance);
    expect(c.data).toEqual(given);
    const buffer = EngineBuffer.from(c);
    expect(gemm(a, b, { c: buffer, alpha: 0.5, beta: -2 })).toBe(buffer);
    expectClose('in place', buffer.read().data, sum, tolerance);
    buffer.dispose();
  });

  test('beta 0 does not read c', () => {
    const buffer = EngineBuffer.from(array([m, n], new Array<number>(m * n).fill(NaN)));
    gemm(a, b, { c: buffer });
    expectClose('c', buffer.read().data, expected, tolerance);
    buffer.dispose();
  });

  test('sizes of zero', () => {
    expect(gemm(array([0, 3], []), array([3, 2], [1, 2, 3, 4, 5, 6]))).toEqual(array([0, 2], []));
    expect(gemm(array([2, 0], []), array([0, 1], []))).toEqual(array([2, 1], [0, 0]));
  });

  test.for<[string, () => unknown, string]>([
    ['depths that differ', () => gemm(a, bTurned), 'gemm: b: expected [9, 9], got [7, 9]'],
    ['vectors', () => gemm(array([2], [1, 2]), b), 'gemm: a: expected [N, N], got [2]'],
    ['another c', () => gemm(a, b, { c: a as Tensor }), 'gemm: c: expected [5, 7], got [5, 9]'],
  ])('refuses %s', ([, call, message]) => {
    expect(call).toThrow(message);
    expect(call).toThrow(ShapeError);
  });

  test('refuses beta without c', () => {
    expect(() => gemm(a, b, { beta: 1 })).toThrow('gemm: beta 1 needs c');
    expect(() => gemm(a, b, { beta: 1 })).toThrow(OptionError);
  });
});
