import { expect } from 'vitest';

/**
 * What rounding in float32 may do to sums of `terms` products, in any order: each of the products and sums, and the
 * few steps around them (alpha, beta, bias), is off by at most 2^-24 of the sum of magnitudes so far.
 *
 * `magnitude` is the largest entry of the operation on absolute values: cancellation can make the largest entry itself
 * as small as it likes where there are few outputs.
 */
export function sumTolerance(terms: number, magnitude: number): number {
  return (terms + 4) * 2 ** -24 * magnitude;
}

/** Absolute values. */
export function magnitudes(values: Float32Array): Float32Array {
  return values.map(Math.abs);
}

/** `sum of a[i] b[i]`. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Distance of `got` from `exact` in units of the last place of a float32 of that size. Infinite when just one of them
 * is NaN, or one is infinite and the other does not round to it.
 */
export function ulps(got: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Number.isNaN(got) || Number.isNaN(exact) || !Number.isFinite(got) || !Number.isFinite(rounded)) {
    return Object.is(got, rounded) ? 0 : Infinity;
  }
  // 23 bits behind the leading one, and none below 2^-149. Bits 20 and up of the upper half are the exponent.
  const upper = new DataView(new ArrayBuffer(8));
  upper.setFloat64(0, Math.abs(exact));
  const exponent = (upper.getUint32(0) >> 20) - 1023;
  return Math.abs(got - exact) / 2 ** Math.max(exponent - 23, -149);
}

/** Fails at the first entry that is more than `most` units in the last place off. */
export function expectUlps(what: string, got: ArrayLike<number>, exact: ArrayLike<number>, most: number): void {
  expect(got.length, `${what}: length`).toBe(exact.length);
  for (let i = 0; i < exact.length; i++) {
    const error = ulps(got[i]!, exact[i]!);
    // Not `error > most`, which NaN would pass.
    if (!(error <= most)) expect.fail(`${what}[${i}]: got ${got[i]}, expected ${exact[i]}, off by ${error} ulp`);
  }
}
