import { describe, expect, test } from 'vitest';
import { shuffledIndices } from '../../ts/entrypoints/data.ts';
import { OptionError } from '../../ts/errors.ts';

describe('shuffledIndices', () => {
  test('holds every index once, in an order that hangs on seed and stream', () => {
    const order = shuffledIndices(1000, 7);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(shuffledIndices(1000, 7, 0)).toEqual(order);
    for (const other of [shuffledIndices(1000, 8), shuffledIndices(1000, 7, 1)]) {
      // Two independent orders agree in about one place.
      expect(other.filter((index, i) => index === order[i]).length).toBeLessThan(10);
    }
    expect(shuffledIndices(0, 7)).toEqual(new Uint32Array(0));
  });

  test('stays as it is: runs can be repeated with a later version', () => {
    expect([...shuffledIndices(8, 1)]).toEqual([7, 4, 5, 2, 3, 0, 6, 1]);
  });

  test('is uniform: every index is equally often first', () => {
    const counts = new Uint32Array(4);
    for (let seed = 0; seed < 4000; seed++) counts[shuffledIndices(4, seed)[0]!]!++;
    // Five standard deviations of a binomial of 4000 and 1 / 4.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(4000 * 0.25 * 0.75));
  });

  test('rejects sizes and seeds that are none', () => {
    expect(() => shuffledIndices(-1, 0)).toThrow(OptionError);
    expect(() => shuffledIndices(3, 0.5)).toThrow('shuffledIndices: seed must be an integer >= 0, got 0.5');
  });
});
