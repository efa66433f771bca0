import { expect } from 'vitest';

/** Numbers with a shape, as the library gives them. */
interface Tensor {
  data: ArrayLike<number>;
  shape: readonly number[];
}

/** The largest absolute entry; 0 when there is none. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/**
 * Fails unless every entry of `got` lies within `tolerance` times the largest absolute entry of `expected`. NaN and
 * another length fail. The worst entry is reported.
 */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expectWithin(what, got, expected, tolerance * largest(expected));
}

/** As {@link expectClose}, with the tolerance itself; Infinity and NaN are within no distance, also of themselves. */
export function expectWithin(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(got.length, `${what}: length`).toBe(expected.length);
  let worst = -1;
  let most = tolerance;
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(got[i]! - expected[i]!);
    // Not `off > most`, which NaN would pass.
    if (off <= most) continue;
    worst = i;
    most = off;
    if (Number.isNaN(off)) break;
  }
  if (worst >= 0) {
    expect.fail(`${what}[${worst}]: got ${got[worst]}, expected ${expected[worst]}, allowed ${tolerance}`);
  }
}

/** As {@link expectClose}, for tensors of one shape. */
export function expectTensorClose(what: string, got: Tensor | undefined, expected: Tensor, tolerance: number): void {
  expect(got?.shape, `${what}: shape`).toEqual(expected.shape);
  expectClose(what, got!.data, expected.data, tolerance);
}

/** Fails unless both hold the same bits; -0 and 0 differ, a NaN equals itself. */
export function expectSameBits(what: string, got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(got[i], expected[i])) expect.fail(`${what}[${i}]: got ${got[i]}, expected ${expected[i]}`);
  }
}

/** All numbers of a list of tensors, one after the other. */
export function flat(tensors: readonly { data: ArrayLike<number> }[]): number[] {
  return tensors.flatMap(({ data }) => Array.from(data));
}
