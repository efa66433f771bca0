import type { Rates } from '../methods/method.ts';

/** Where a search begins, and how far it goes. */
export interface Search {
  start: Rates;
  /** Factors between neighbouring rates, one after the other: coarse first. */
  factors: readonly number[];
}

/**
 * Rates with a low score: from the start, moves to the best of its neighbours (one rate, or both, times or by the factor)
 * until none is better, then goes on with the next factor. `score(rates, limit)` may stop early and give any number
 * above `limit` when it cannot get below it; lower is better, Infinity where it diverges.
 */
export function tune(search: Search, score: (rates: Rates, limit: number) => number): { rates: Rates; score: number } {
  let best = { rates: search.start, score: score(search.start, Infinity) };
  const seen = new Set([keyOf(best.rates)]);
  for (const factor of search.factors) {
    for (;;) {
      const { eta, alpha } = best.rates;
      const moves = [
        { eta: eta * factor, alpha },
        { eta: eta / factor, alpha },
        { eta, alpha: alpha * factor },
        { eta, alpha: alpha / factor },
        // Rates that are bounded by one direction of both layers have to move together.
        { eta: eta * factor, alpha: alpha * factor },
        { eta: eta / factor, alpha: alpha / factor },
      ].filter((rates) => !seen.has(keyOf(rates)));
      const from = best;
      for (const rates of moves) {
        seen.add(keyOf(rates));
        const found = score(rates, best.score);
        if (found < best.score) best = { rates, score: found };
      }
      if (best === from) break;
    }
  }
  return best;
}

/** Products and quotients of the same factors may differ in their last bit. */
function keyOf({ eta, alpha }: Rates): string {
  return `${eta.toPrecision(6)} ${alpha.toPrecision(6)}`;
}
