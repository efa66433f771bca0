import { describe, expect, it } from 'vitest';
import { adam, adamw, OptionError, sgd, type AdamOptions, type SgdOptions } from '../../ts/entrypoints/node.ts';

const notNumbers = [-0.1, NaN, Infinity, '1', null];
const show = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

describe('sgd', () => {
  const known = 'learningRate, momentum, nesterov, weightDecay, perLayer';

  it.each<[unknown, string]>([
    [{ decay: 1 }, `sgd: unknown option decay; known: ${known}`],
    [{ beta1: 0.9 }, `sgd: unknown option beta1; known: ${known}`],
    [null, 'sgd: expected an options object, got null'],
    [{ nesterov: 1 }, 'sgd: nesterov must be true or false, got 1'],
    ...[...notNumbers, 1.5].map((momentum): [unknown, string] => [
      { momentum },
      `sgd: momentum must be a number in [0, 1], got ${show(momentum)}`,
    ]),
    ...notNumbers.map((weightDecay): [unknown, string] => [
      { weightDecay },
      `sgd: weightDecay must be a number in [0, Infinity], got ${show(weightDecay)}`,
    ]),
  ])('refuses %j', (options, message) => {
    expect(() => sgd(options as SgdOptions)).toThrow(new OptionError(message));
  });

  it('takes the bounds', () => {
    for (const options of [{ momentum: 0 }, { momentum: 1 }, { weightDecay: 0 }, { momentum: undefined } as object]) {
      expect(sgd(options).name).toBe('sgd');
    }
  });
});

describe.each([
  ['adam', adam],
  ['adamw', adamw],
] as const)('%s', (name, make) => {
  const known = 'learningRate, beta1, beta2, epsilon, weightDecay, perLayer';

  it.each<[unknown, string]>([
    [{ momentum: 0.9 }, `unknown option momentum; known: ${known}`],
    [{ amsgrad: true }, `unknown option amsgrad; known: ${known}`],
    [1, 'expected an options object, got 1'],
    ...(['beta1', 'beta2'] as const).flatMap((beta) =>
      [...notNumbers, 1, 1.5].map((value): [unknown, string] => [
        { [beta]: value },
        `${beta} must be a number in [0, 1), got ${show(value)}`,
      ]),
    ),
    ...[...notNumbers, 0, 1e-40].map((epsilon): [unknown, string] => [
      { epsilon },
      `epsilon must be a number in [1.1754943508222875e-38, Infinity], got ${show(epsilon)}`,
    ]),
    ...(['learningRate', 'weightDecay'] as const).flatMap((option) =>
      notNumbers.map((value): [unknown, string] => [
        { [option]: value },
        `${option} must be a number in [0, Infinity], got ${show(value)}`,
      ]),
    ),
    [{ perLayer: { a: -1 } }, 'perLayer.a must be a number in [0, Infinity], got -1'],
    [{ perLayer: null }, 'perLayer must be an object of rates by layer, got null'],
  ])('refuses %j', (options, message) => {
    expect(() => make(options as AdamOptions)).toThrow(new OptionError(`${name}: ${message}`));
  });

  it('checks rates that are set later', () => {
    const optimizer = make({ perLayer: { a: 1 } });
    expect(() => (optimizer.learningRate = -1)).toThrow(`${name}: learningRate must be`);
    expect(() => (optimizer.perLayer = { b: NaN })).toThrow(`${name}: perLayer.b must be`);
    expect(optimizer).toMatchObject({ learningRate: 0.001, perLayer: { a: 1 } });
  });
});
