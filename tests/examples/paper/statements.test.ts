import { beforeAll, describe, expect, it } from 'vitest';
import { init } from 'fourlane';
import { judge, measureStatements, type StatementNumbers } from '../../../examples/paper/statements/index.ts';

let numbers: StatementNumbers;
beforeAll(async () => {
  await init({ build: 'simd', threads: 1 });
  numbers = measureStatements(() => undefined);
});

describe('measured', () => {
  it('the identity is convex in the output weights at every point, sigmoid and tanh at none', () => {
    const found = numbers.outputConvexity.map(({ output, negative, points }) => [output, negative / points]);
    expect(found).toEqual([
      ['linear', 0],
      ['sigmoid', 1],
      ['tanh', 1],
    ]);
    expect(judge('outputConvexity', numbers).holds).toBe(false);
    expect(judge('outputConvexity', numbers).says).toContain('Convex only for identity.');
  });

  it('a ReLU output is convex where no target is above 0', () => {
    expect(numbers.reluOutput.positive).toBeGreaterThan(0);
    expect(numbers.reluOutput.nonPositive).toBe(0);
  });

  it('the limit of the rate is 2 / lambda_max', () => {
    const { samples, weights, rank, descents } = numbers.stepLimit;
    expect([samples, weights, rank]).toEqual([60, 17, 17]);
    expect(descents.map(({ factor, diverged }) => [factor, diverged])).toEqual([
      [1.9, false],
      [1.99, false],
      [2.01, true],
      [2.1, true],
    ]);
    expect(judge('stepLimit', numbers).holds).toBe(true);
    const [slow, fast] = descents.map(({ excess }) => excess);
    // float32 may end a little below the least loss, which is computed in float64.
    for (const excess of [slow!, fast!]) expect(Math.abs(excess)).toBeLessThan(0.01);
  });

  it.each([
    ['inputConvexity', false],
    ['parameterConvexity', true],
    ['parametersOnly', true],
    ['strideSize', true],
  ] as const)('%s: %s', (name, holds) => {
    expect(judge(name, numbers).holds).toBe(holds);
  });
});

/** Numbers that say the opposite of those above. */
const opposite: { [Name in keyof StatementNumbers]: StatementNumbers[Name] } = {
  outputConvexity: [{ output: 'sigmoid', points: 300, negative: 0, smallest: 0 }],
  reluOutput: { segments: 400, positive: 0, nonPositive: 0 },
  stepLimit: {
    ...{ samples: 60, weights: 17, rank: 17, largest: 1, smallest: 0.1 },
    descents: [{ factor: 2.1, steps: 1000, excess: 0.1, diverged: false }],
  },
  inputConvexity: { segments: 400, bulging: 0 },
  parameterConvexity: { trained: 1, turned: 1, halfway: 0.5 },
  parametersOnly: { start: 2, end: 1, restored: 1.5, dataUnchanged: true },
  strideSize: [{ height: 10, stride: 2, outHeight: 5 }],
};

it.each(Object.keys(opposite) as (keyof StatementNumbers)[])('%s can come out the other way', (name) => {
  expect(judge(name, opposite).holds).toBe(!judge(name, numbers).holds);
  expect(judge(name, opposite).says).not.toBe(judge(name, numbers).says);
});
