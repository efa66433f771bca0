import { describe, expect, test } from 'vitest';
import { Checks } from './compare.ts';

describe('the comparison', () => {
  const failuresOf = (got: number[] | undefined, expected: number[], shape = [expected.length]): string[] => {
    const checks = new Checks();
    checks.close('t', got && { shape: [got.length], data: got }, { shape, data: expected }, 1e-5);
    return checks.failures;
  };

  test('allows a share of the largest entry', () => {
    expect(failuresOf([1000, 0.009], [1000, 0])).toEqual([]);
    expect(failuresOf([1000, 0.011], [1000, 0])).toEqual([expect.stringMatching(/^t\[1\]: got 0\.011, expected 0 /)]);
  });

  test('takes zeros only for zeros', () => {
    expect(failuresOf([0, -0], [0, 0])).toEqual([]);
    expect(failuresOf([0, 1e-30], [0, 0])).toHaveLength(1);
  });

  test('fails on NaN, infinity, another shape and nothing', () => {
    expect(failuresOf([NaN, 2], [1, 2])).toEqual([expect.stringMatching(/^t\[0\]: got NaN, expected 1 /)]);
    expect(failuresOf([Infinity, NaN], [1, 2])).toHaveLength(1);
    expect(failuresOf([1, 2], [1, 2], [2, 1])).toEqual(['t: got shape [2], expected [2, 1]']);
    expect(failuresOf([1], [1, 2])).toEqual(['t: got shape [1], expected [2]']);
    expect(failuresOf(undefined, [1])).toEqual(['t: the library gives none']);
  });
});
