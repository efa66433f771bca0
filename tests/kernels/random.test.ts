import { beforeAll, describe, expect, test } from 'vitest';
import { Harness } from './harness.ts';
import { normalQuantile } from './reference/random.ts';
import { expectUlps } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

function normal(uniform: Float32Array, mean: number, stddev: number, truncated: boolean): Float32Array {
  const { engine } = harness;
  const address = engine.alloc(uniform.byteLength);
  new Float32Array(engine.buffer, address, uniform.length).set(uniform);
  engine.run((k) => k.normal_from_uniform(uniform.length, mean, stddev, truncated ? 1 : 0, address));
  const result = new Float32Array(engine.buffer, address, uniform.length).slice();
  engine.free(address);
  return result;
}

/** Centres of 2^23 cells of (0, 1), as the library draws them: the outermost, and some in between. */
const uniforms = (count: number): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, i) => (Math.floor((i * (2 ** 23 - 1)) / Math.max(1, count - 1)) + 0.5) / 2 ** 23,
  );

describe.each([0, 1, 3, 4, 5, 1001])('%i numbers', (count) => {
  test('normal', () => {
    const u = uniforms(count);
    const expected = Array.from(u, (value) => 0.25 + 1.5 * normalQuantile(value));
    expectUlps('values', normal(u, 0.25, 1.5, false), expected, 0.51);
  });

  test('cut at two standard deviations', () => {
    const u = uniforms(count);
    const below = 0.022750131948179212;
    const expected = Array.from(u, (value) => normalQuantile(below + value * (1 - 2 * below)));
    const got = normal(u, 0, 1, true);
    expectUlps('values', got, expected, 0.51);
    expect(got.every((value) => Math.abs(value) <= 2)).toBe(true);
  });
});
