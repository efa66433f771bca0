import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameBits } from '../support/compare.ts';
import { Harness, values } from './harness.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

const f = Math.fround;
/** Below it moments are zero. */
const bound = 2 ** -100;
const flushed = (moment: number): number => (Math.abs(moment) < bound ? 0 : moment);

/** Moments of every size down to where they vanish, each pair of signs. */
const moments = (seed: number, size: number): Float32Array =>
  values(seed, size).map((value, i) => (i % 3 === 0 ? value * bound * 4 : value));

// Additions, multiplications, divisions and roots are exact to the last bit in IEEE 754, and none of them is fused: the
// same in float32 steps of JavaScript gives the same bits, in every build.
describe.each([0, 1, 3, 4, 5, 8, 17, 1000])('%i parameters', (size) => {
  test.each([0, 0.3])('sgdUpdate, decay %d', (weightDecay) => {
    const [before, gradient] = [values(1, size), values(2, size)];
    const parameter = before.slice();
    const attributes = { size, weightDecay };
    harness.run('sgdUpdate', { attributes, operands: { parameter, gradient }, learningRate: 0.3 });
    const [rate, decay] = [f(0.3), f(weightDecay)];
    expectSameBits(
      'parameter',
      parameter,
      before.map((p, i) => p - f(rate * f(gradient[i]! + f(decay * p)))),
    );
  });

  test.each([
    [false, 0],
    [true, 0],
    [false, 0.3],
    [true, 0.3],
  ])('sgdMomentumUpdate, nesterov %s, decay %d', (nesterov, weightDecay) => {
    const [before, gradient, old] = [values(1, size), moments(2, size), moments(3, size)];
    const [parameter, velocity] = [before.slice(), old.slice()];
    const attributes = { size, momentum: 0.9, nesterov, weightDecay };
    harness.run('sgdMomentumUpdate', { attributes, operands: { parameter, gradient, velocity }, learningRate: 0.3 });
    const [rate, momentum, decay] = [f(0.3), f(0.9), f(weightDecay)];
    const expected = old.map((v, i) => flushed(f(f(momentum * v) + gradient[i]!)));
    expectSameBits('velocity', velocity, expected);
    expectSameBits(
      'parameter',
      parameter,
      before.map((p, i) => {
        const along = nesterov ? f(gradient[i]! + f(momentum * expected[i]!)) : expected[i]!;
        return p - f(rate * f(along + f(decay * p)));
      }),
    );
  });

  test.each([
    [0, 0],
    [0.3, 0],
    [0, 41],
  ])('adamUpdate, decay %d, after %i steps', (weightDecay, count) => {
    const [before, gradient] = [values(1, size), moments(2, size)];
    const [oldFirst, oldSecond] = [moments(3, size), moments(4, size).map(Math.abs)];
    const [parameter, firstMoment, secondMoment] = [before.slice(), oldFirst.slice(), oldSecond.slice()];
    const steps = Int32Array.of(count);
    const [beta1, beta2, epsilon, learningRate] = [0.9, 0.999, 1e-7, 0.3];
    harness.run('adamUpdate', {
      attributes: { size, beta1, beta2, epsilon, weightDecay },
      operands: { parameter, gradient, firstMoment, secondMoment, steps },
      learningRate,
    });
    expect([...steps]).toEqual([count + 1]);
    // 1 and 42 = 0b101010 factors, by squaring.
    const power = (base: number): number => {
      if (count === 0) return base;
      const [b2, b4] = [base * base, base * base * (base * base)];
      const [b8, b16] = [b4 * b4, b4 * b4 * (b4 * b4)];
      return b2 * b8 * (b16 * b16);
    };
    const rate = f(learningRate / (1 - power(beta1)));
    const rootScale = f(1 / Math.sqrt(1 - power(beta2)));
    const decay = f(learningRate * weightDecay);
    const [new1, new2] = [f(1 - beta1), f(1 - beta2)];
    const mean = (old: number, share: number, next: number): number =>
      flushed(f(f(old - f(share * old)) + f(share * next)));
    const m = oldFirst.map((old, i) => mean(old, new1, gradient[i]!));
    const v = oldSecond.map((old, i) => mean(old, new2, f(gradient[i]! * gradient[i]!)));
    expectSameBits('firstMoment', firstMoment, m);
    expectSameBits('secondMoment', secondMoment, v);
    expectSameBits(
      'parameter',
      parameter,
      before.map((p, i) => {
        const direction = f(m[i]! / f(f(f(Math.sqrt(v[i]!)) * rootScale) + f(epsilon)));
        return p - f(f(rate * direction) + f(decay * p));
      }),
    );
  });
});

test('moments of the test vanish and stay', () => {
  const numbers = [...moments(3, 1000)].map(Math.abs);
  expect(numbers.filter((value) => value < bound).length).toBeGreaterThan(20);
  expect(numbers.filter((value) => value >= bound && value < 4 * bound).length).toBeGreaterThan(20);
});

describe('a rate of 0 skips the update, whatever the gradient', () => {
  const gradient = Float32Array.of(Infinity, 1, NaN);
  const before = [1, -0, 3];
  const cases: [string, object, string[]][] = [
    ['sgdUpdate', { weightDecay: 0.5 }, []],
    ['sgdMomentumUpdate', { momentum: 0.9, nesterov: true, weightDecay: 0.5 }, ['velocity']],
    ['adamUpdate', { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.5 }, ['firstMoment', 'secondMoment']],
  ];

  test.each(cases)('%s', (kernel, attributes, kept) => {
    const steps = Int32Array.of(3);
    const arrays = ['parameter', ...kept].map((name) => [name, Float32Array.from(before)] as const);
    const operands = { ...Object.fromEntries(arrays), gradient, ...(kernel === 'adamUpdate' ? { steps } : {}) };
    harness.run(kernel, { attributes: { size: 3, ...attributes }, operands, learningRate: 0 });
    for (const [name, values] of arrays) expectSameBits(name, values, before);
    expect([...steps]).toEqual([3]);
  });
});
