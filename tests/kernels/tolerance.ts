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

/** Distance of the float32 numbers around `x`: 2^-23 of the power of two below it. */
export function ulp(x: number): number {
  const next = new Float32Array([x]);
  const bits = new Int32Array(next.buffer);
  const before = next[0]!;
  bits[0]! += 1;
  return Math.abs(next[0]! - before);
}
