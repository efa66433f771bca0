import { beforeAll, expect, test } from 'vitest';
import { expectWithin, largest } from '../support/compare.ts';
import { cases, Harness, unwritten, values } from './harness.ts';
import { gemm, type GemmCase } from './reference/gemm.ts';
import { magnitudes, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

/** With beta 0 over unwritten memory. */
function run(c: GemmCase, a: Float32Array, b: Float32Array, before: Float32Array): Float32Array {
  const result = c.beta === 0 ? unwritten(before.length) : before.slice();
  harness.run('gemm', { attributes: c, operands: { a, b, c: result } });
  return result;
}

test.each(cases.gemm)('m $m, n $n, k $k, transposed $transposeA $transposeB, alpha $alpha, beta $beta', (c) => {
  const [a, b, before] = [values(1, c.m * c.k), values(2, c.k * c.n), values(3, c.m * c.n)];
  const positive = { ...c, alpha: Math.abs(c.alpha), beta: Math.abs(c.beta) };
  const bound = largest(gemm(positive, magnitudes(a), magnitudes(b), magnitudes(before)));
  expectWithin('c', run(c, a, b, before), gemm(c, a, b, before), sumTolerance(c.k, bound));
});

test('alpha 0 reads neither a nor b', () => {
  const c = { m: 5, n: 9, k: 7, transposeA: false, transposeB: true, alpha: 0, beta: 0 };
  expect(run(c, unwritten(35), unwritten(63), unwritten(45))).toEqual(new Float32Array(45));
});

test('NaN in one row of a reaches that row of c and no other', () => {
  const c = { m: 6, n: 10, k: 4, transposeA: false, transposeB: false, alpha: 1, beta: 0 };
  const a = values(1, 24);
  a[2 * 4 + 1] = NaN;
  const result = run(c, a, values(2, 40), unwritten(60));
  for (let i = 0; i < 60; i++) expect(Number.isNaN(result[i]), `c[${i}]`).toBe(Math.floor(i / 10) === 2);
});
