import { describe, expect, it } from 'vitest';
import { tune } from '../../../examples/paper/experiment/tune.ts';
import type { Rates } from '../../../examples/paper/methods/method.ts';

const start = { eta: 1, alpha: 1 };

/** Distance from the best rates, in octaves. */
function bowl(best: Rates): (rates: Rates) => number {
  return ({ eta, alpha }) => Math.log2(eta / best.eta) ** 2 + Math.log2(alpha / best.alpha) ** 2;
}

describe('tune', () => {
  it('goes down to the best rates on its grid', () => {
    expect(tune({ start, factors: [4, 2] }, bowl({ eta: 1 / 32, alpha: 8 })).rates).toEqual({ eta: 1 / 32, alpha: 8 });
  });

  it('goes on where both rates have to change together', () => {
    // Lowest along eta = alpha: either rate alone makes it worse.
    const valley = ({ eta, alpha }: Rates): number => 10 * Math.abs(Math.log2(eta / alpha)) - Math.log2(eta * alpha);
    const score = (rates: Rates): number => (rates.eta > 16 ? Infinity : valley(rates));
    expect(tune({ start, factors: [2] }, score).rates).toEqual({ eta: 16, alpha: 16 });
  });

  it('leaves rates at which everything diverges, and never asks twice', () => {
    const asked: string[] = [];
    const score = (rates: Rates): number => {
      asked.push(`${rates.eta} ${rates.alpha}`);
      return rates.eta > 1 / 2 ? Infinity : bowl({ eta: 1 / 4, alpha: 2 })(rates);
    };
    expect(tune({ start: { eta: 1, alpha: 1 }, factors: [2, 2] }, score).rates).toEqual({ eta: 1 / 4, alpha: 2 });
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('tells the score to get below', () => {
    const limits: number[] = [];
    tune({ start, factors: [2] }, (rates, limit) => {
      limits.push(limit);
      return bowl({ eta: 2, alpha: 1 })(rates);
    });
    expect(limits.slice(0, 3)).toEqual([Infinity, 1, 0]);
  });
});
