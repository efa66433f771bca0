import { describe, expect, it } from 'vitest';
import type { ComparisonResult, MethodResult } from '../../../examples/paper/experiment/summary.ts';
import { ratioInWords, verdict, type Answer } from '../../../examples/paper/report/verdict.ts';

function method(name: string, priced: number | null, accuracy = 0.8): MethodResult {
  const [work, rates] = [[1, 2], { eta: 1, alpha: 1 }];
  return {
    ...{ method: name, rates, ratesOf: null, work, priced: [1, priced], diverged: 0, accuracy },
    ...{ curve: [], cpuMsPerJointStep: null },
  };
}

function comparison(problem: string, work: Record<string, number | null | [number, number]>): ComparisonResult {
  return {
    ...{ problem, seeds: [1], tuningSeeds: [2], limit: 10, targets: [0.1, 0.01], tunedFor: 0.01 },
    methods: Object.entries(work).map(([name, value]) =>
      Array.isArray(value) ? method(name, ...value) : method(name, value),
    ),
  };
}

function ask(question: string, ...comparisons: ComparisonResult[]): Answer {
  const answer = verdict(comparisons).find((other) => other.question.includes(question));
  if (answer === undefined) expect.fail(`nothing is asked about ${question}`);
  return answer;
}

const paperIsRight = comparison('a', {
  joint: 10,
  sequential: 20,
  gaussSeidel: 15,
  'block(5)': 12,
  'output converged each pass': 80,
  'output converged once, then joint': null,
  'every layer converged in turn': 12,
});
const paperIsWrong = comparison('b', {
  joint: 100,
  sequential: 50,
  gaussSeidel: 50,
  'block(5)': 20,
  'output converged each pass': 25,
  'output converged once, then joint': 95,
  'every layer converged in turn': 10,
});

describe.each([
  ['the least work', 'yes', 'no'],
  ['the best output weights in every pass', 'yes', 'no'],
  ['the best output weights once', 'yes', 'no'],
  ['the best weights of every layer', 'yes', 'no'],
  ['a few updates of the output layer', 'no', 'yes'],
  ['gaussSeidel', 'no', 'yes'],
  ['sequential', 'yes', 'no'],
])('%s', (question, right, wrong) => {
  it('follows from the numbers, whichever way they are', () => {
    expect(ask(question, paperIsRight).short).toBe(right);
    expect(ask(question, paperIsWrong).short).toBe(wrong);
    const both = ask(question, paperIsRight, paperIsWrong);
    expect(both.short).toBe('it depends');
    expect(both.lines).toHaveLength(2);
  });
});

it('says by how much, per problem', () => {
  expect(ask('in every pass', paperIsRight, paperIsWrong).lines).toEqual([
    'a: output converged each pass needs 8.0 times the work',
    'b: output converged each pass needs 4.0 times less work',
  ]);
  expect(ask('the least work', paperIsRight, paperIsWrong).lines).toEqual([
    'a: nothing needs clearly less work',
    'b: every layer converged in turn needs 10 times less work',
  ]);
});

it.each([
  [109, 100, 'needs about as much work'],
  [111, 100, 'needs 1.1 times the work'],
  [92, 100, 'needs about as much work'],
  [50, 100, 'needs 2.0 times less work'],
  [Infinity, 100, 'does not get there'],
  [Infinity, Infinity, 'does not get there either'],
  [100, Infinity, 'gets there, joint does not'],
])('%f against %f: %s', (work, joint, words) => {
  expect(ratioInWords(work, joint)).toBe(words);
});

describe('other samples', () => {
  it('of methods that need less work than joint only', () => {
    const same = comparison('a', { joint: [100, 0.8], 'block(5)': [20, 0.79], sequential: [200, 0.1] });
    const worse = comparison('b', { joint: [100, 0.8], 'block(5)': [20, 0.77] });
    expect(ask('other samples', same).short).toBe('yes');
    expect(ask('other samples', worse).short).toBe('no');
    expect(ask('other samples', same, worse).lines).toEqual([
      'a: joint 80.0 %, block(5) 79.0 %',
      'b: joint 80.0 %, block(5) 77.0 %',
    ]);
    expect(ask('other samples', comparison('c', { joint: 1, 'block(5)': 2 })).lines).toEqual([
      'There is no such method.',
    ]);
  });
});
