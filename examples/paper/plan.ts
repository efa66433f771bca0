import type { Digits } from '../digits/loadDigits.ts';
import type { Comparison } from './experiment/compare.ts';
import type { Costs } from './experiment/work.ts';
import { converging, orders } from './methods/index.ts';
import { digitsProblem } from './problems/digits.ts';
import { syntheticProblem } from './problems/synthetic.ts';

/** The first `count` integers from `first` on. */
function from(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** What is compared. `largest`: lambda_max of the output weights for digits, which says where rates can be. */
export function comparisons(quick: boolean, digits: Digits, largest: number, paperCosts: Costs): Comparison[] {
  const small = (['linear', 'sigmoid'] as const).map((output) => ({
    problem: syntheticProblem(output),
    methods: [...orders, ...converging(10)].map((method) => ({ method })),
    seeds: from(1, quick ? 3 : 5),
    tuningSeeds: from(101, quick ? 1 : 3),
    search: { start: { eta: 0.002, alpha: 0.002 }, factors: [4, 2], work: 600 },
    limits: { work: 600, targets: [0.1, 0.01, 0.001] },
    tunedFor: 0.01,
    paperCosts,
  }));
  const [outputEachPass, outputOnce] = converging(100);
  const paper = {
    problem: digitsProblem(digits),
    methods: [
      ...orders.map((method) => ({ method })),
      // Of these a call costs ten times what the method needs: no time to choose rates for them as well.
      { method: outputEachPass!, ratesOf: 'block(100)' },
      { method: outputOnce!, ratesOf: 'joint' },
    ],
    seeds: from(1, quick ? 1 : 3),
    tuningSeeds: quick ? [] : from(101, 2),
    // Not at 1 / largest: doubled, that would be right at the limit, which another seed's may be below.
    search: { start: { eta: 0.75 / largest, alpha: (quick ? 1 : 4) / largest }, factors: [2], work: 20 },
    limits: quick ? { work: 5, targets: [0.5] } : { work: 40, targets: [0.3, 0.2, 0.1] },
    tunedFor: quick ? 0.5 : 0.2,
    paperCosts,
  };
  return [...small, paper];
}
