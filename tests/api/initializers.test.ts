import { beforeAll, describe, expect, it } from 'vitest';
import { init, initializers, layers, sequential, type InitializerOption } from '../../ts/entrypoints/node.ts';
import { Random } from '../../ts/model/random.ts';
import { expectSameBits } from '../support/compare.ts';
import { glorotUniform, integers, shuffled } from '../support/reference/random.ts';

beforeAll(() => init());

/** The kernel of a dense layer of 200 x 300 weights. */
function kernel(kernelInitializer: InitializerOption, seed = 1): Float32Array {
  const model = sequential([layers.input({ shape: [200] }), layers.dense({ units: 300, kernelInitializer })], { seed });
  const [weights] = model.getWeights();
  model.dispose();
  return weights!.data;
}

function moments(values: Float32Array): { mean: number; stddev: number; least: number; most: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, stddev: Math.sqrt(variance), least: Math.min(...values), most: Math.max(...values) };
}

describe('initializers', () => {
  it('glorotUniform: the bits of an independent generator', () => {
    expectSameBits('kernel', kernel('glorotUniform', 77), Float32Array.from(glorotUniform(77, 0, 60000, 200, 300)));
  });

  // 60,000 draws: the mean is off by a standard error of s / 245, the deviation by s / 346; four of them are allowed.
  it.each<[string, InitializerOption, number, number]>([
    ['glorotUniform', 'glorotUniform', Math.sqrt(2 / 500), Math.sqrt(6 / 500)],
    ['glorotNormal', 'glorotNormal', Math.sqrt(2 / 500), (2 * Math.sqrt(2 / 500)) / 0.8796],
    ['heUniform', 'heUniform', Math.sqrt(2 / 200), Math.sqrt(6 / 200)],
    ['heNormal', 'heNormal', Math.sqrt(2 / 200), (2 * Math.sqrt(2 / 200)) / 0.8796],
    ['lecunUniform', 'lecunUniform', Math.sqrt(1 / 200), Math.sqrt(3 / 200)],
    ['lecunNormal', 'lecunNormal', Math.sqrt(1 / 200), (2 * Math.sqrt(1 / 200)) / 0.8796],
    ['randomUniform', initializers.randomUniform(), 0.05 / Math.sqrt(3), 0.05],
    ['randomNormal', initializers.randomNormal({ stddev: 2 }), 2, Infinity],
    [
      'varianceScaling',
      initializers.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'normal' }),
      Math.sqrt(3 / 300),
      Infinity,
    ],
  ])('%s: mean 0, its deviation, its bounds', (_, initializer, stddev, bound) => {
    const got = moments(kernel(initializer));
    expect(Math.abs(got.mean)).toBeLessThan((4 * stddev) / 245);
    expect(Math.abs(got.stddev - stddev)).toBeLessThan((4 * stddev) / 346);
    expect(Math.max(-got.least, got.most)).toBeLessThanOrEqual(bound * 1.0001);
    // Normal numbers reach out to more than three deviations, uniform ones come close to their bound.
    expect(Math.max(-got.least, got.most)).toBeGreaterThan(bound === Infinity ? 3 * stddev : bound * 0.99);
  });

  it('constants', () => {
    expect(new Set(kernel('ones'))).toEqual(new Set([1]));
    expect(new Set(kernel('zeros'))).toEqual(new Set([0]));
    expect(new Set(kernel(initializers.constant({ value: 0.25 })))).toEqual(new Set([0.25]));
  });

  it('a convolution counts the cells of its kernel in its fans', () => {
    const model = sequential([
      layers.input({ shape: [20, 20, 16] }),
      layers.conv2d({ filters: 64, kernelSize: [3, 5], kernelInitializer: 'heUniform' }),
    ]);
    const bound = Math.sqrt(6 / (3 * 5 * 16));
    const { least, most } = moments(model.getWeights()[0]!.data);
    expect(most).toBeLessThanOrEqual(bound);
    expect(most).toBeGreaterThan(0.99 * bound);
    expect(least).toBeGreaterThanOrEqual(-bound);
    model.dispose();
  });

  it('weights of one seed differ from each other and from those of another seed', () => {
    const build = (seed: number) =>
      sequential([layers.input({ shape: [8] }), layers.dense({ units: 8 }), layers.dense({ units: 8 })], { seed });
    const [a, b] = [build(1), build(2)];
    const [first, , second] = a.getWeights();
    const [other] = b.getWeights();
    const same = (x: Float32Array, y: Float32Array): number => x.filter((value, i) => value === y[i]).length;
    expect(same(first!.data, second!.data)).toBe(0);
    expect(same(first!.data, other!.data)).toBe(0);
    a.dispose();
    b.dispose();
  });

  it('the mode of a convolution does not change what is shown', () => {
    const [a, b] = (['correlation', 'convolution'] as const).map((kernelMode) => {
      const model = sequential([
        layers.input({ shape: [5, 5, 2] }),
        layers.conv2d({ filters: 3, kernelSize: 3, kernelMode }),
      ]);
      const [weights] = model.getWeights();
      model.dispose();
      return weights!.data;
    });
    expectSameBits('kernel', a!, b!);
  });
});

describe('Random', () => {
  it.each([
    [0, 0],
    [1, 0],
    [0xffffffff, 0x80000001],
  ])('gives the numbers of an independent implementation: seed %i, stream %i', (seed, stream) => {
    const random = new Random(seed, stream);
    const expected = integers(seed, stream);
    for (let i = 0; i < 1000; i++) expect(random.uint32()).toBe(expected.next().value);
  });

  it('uniform numbers lie inside (0, 1) and fit float32', () => {
    const random = new Random(5);
    for (let i = 0; i < 10000; i++) {
      const value = random.uniform();
      expect(value > 0 && value < 1 && Math.fround(value) === value).toBe(true);
    }
  });

  it('below is even, also where 2^32 is no multiple', () => {
    const random = new Random(9);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70000; i++) counts[random.below(7)]!++;
    // 10,000 each, deviation 93.
    counts.forEach((count) => expect(Math.abs(count - 10000)).toBeLessThan(400));
  });

  it('shuffles as Fisher and Yates do', () => {
    const order = Uint32Array.from({ length: 50 }, (_, i) => i);
    new Random(3, 2147483648 + 4).shuffle(order);
    expect([...order]).toEqual(shuffled(50, 3, 4));
  });
});
