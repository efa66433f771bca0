import { beforeAll, describe, expect, it } from 'vitest';
import { init } from 'fourlane';
import { digitsProblem } from '../../../examples/paper/problems/digits.ts';
import { accuracyOf } from '../../../examples/paper/problems/problem.ts';
import { noisyPatterns, syntheticProblem } from '../../../examples/paper/problems/synthetic.ts';

beforeAll(() => init({ build: 'simd', threads: 1 }));

describe('digits', () => {
  const SIDE = 24;
  /** Each picture has its place in its first two pixels, its label is the last figure of that. */
  const made = (count: number) => {
    const data = new Uint8Array(count * SIDE ** 2);
    for (let place = 0; place < count; place++) data.set([place >> 8, place & 255], place * SIDE ** 2);
    const labels = { data: Uint8Array.from({ length: count }, (_, place) => place % 10), shape: [count] };
    return { images: { data, shape: [count, SIDE, SIDE, 1], scale: 1 / 255 }, labels };
  };
  const problem = digitsProblem({ source: 'made up', train: made(400), test: made(300) });
  const placesOf = (data: ArrayLike<number>, count: number) =>
    Array.from({ length: count }, (_, n) => 256 * data[n * SIDE ** 2]! + data[n * SIDE ** 2 + 1]!);

  it('100 of them, none twice, each with its class; others for another seed', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => {
      const { model, batch } = problem.task(seed);
      model.dispose();
      const { x, y } = batch(0);
      expect(batch(7)).toBe(batch(0));
      expect(x.shape).toEqual([100, SIDE, SIDE, 1]);
      const places = placesOf(x.data, 100);
      const classes = places.map((_, n) => y.data.subarray(10 * n, 10 * n + 10).indexOf(1));
      expect(classes).toEqual(places.map((place) => place % 10));
      expect(new Set(places).size).toBe(100);
      return places;
    });
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('all there are to test with, where there are less than 500', () => {
    const { model, test } = problem.task(1);
    expect(test.images.shape).toEqual([300, SIDE, SIDE, 1]);
    expect(accuracyOf(model, test)).toBeLessThanOrEqual(1);
    model.dispose();
  });
});

describe('noisy patterns', () => {
  it('are the same for a seed, and others to test with', () => {
    const { train, test } = noisyPatterns(4);
    expect(noisyPatterns(4).train).toEqual(train);
    expect(noisyPatterns(5).train.images.data).not.toEqual(train.images.data);
    expect(train.images.shape).toEqual([60, 10, 10, 1]);
    expect(test.images.data.subarray(0, 6000)).not.toEqual(train.images.data);
  });

  it('can be learned', () => {
    const { model, batch, test } = syntheticProblem('linear').task(2);
    const { x, y } = batch(0);
    model.compile({ loss: 'halfSquaredError', optimizer: 'sgd' });
    model.optimizer.learningRate = 0.001;
    for (let step = 0; step < 200; step++) model.trainOnBatch(x, y);
    expect(accuracyOf(model, test)).toBeGreaterThan(0.6);
    model.dispose();
  });
});
