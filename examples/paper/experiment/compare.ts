import type { Method, Rates } from '../methods/method.ts';
import type { Problem } from '../problems/problem.ts';
import { run, workTo, type Limits, type Run } from './run.ts';
import { tune, type Search } from './tune.ts';
import type { Costs } from './work.ts';

/** A method, and where its rates are from: chosen for it, or those that were chosen for another one before it. */
export interface Entry {
  method: Method;
  ratesOf?: string;
}

/** How methods are compared on a problem. */
export interface Comparison {
  problem: Problem;
  methods: readonly Entry[];
  /** Seeds of the runs that count. */
  seeds: readonly number[];
  /** Other seeds, on which each method's rates are chosen; none: the search's start is taken. */
  tuningSeeds: readonly number[];
  /** `work`: what each run may cost. */
  search: Search & { work: number };
  limits: Limits;
  /** The part of the first loss that rates are tuned for; one of the targets. */
  tunedFor: number;
  paperCosts: Costs;
}

/** All runs of one method. */
export interface MethodRuns {
  method: string;
  timed: boolean;
  rates: Rates;
  /** The method that they were chosen for, where that is another one. */
  ratesOf: string | null;
  runs: Run[];
}

/** Tunes and runs each method. `onRun` after every run; tuning does not count. */
export function compare(comparison: Comparison, onRun: (what: string, counts: boolean) => void): MethodRuns[] {
  const { problem, methods, seeds, tuningSeeds, search, limits, tunedFor, paperCosts } = comparison;
  const found: MethodRuns[] = [];
  for (const { method, ratesOf } of methods) {
    const score = (rates: Rates, best: number): number => {
      let total = 0;
      for (const seed of tuningSeeds) {
        // No more than what is left to be the best so far.
        const work = Math.min(search.work, best - total);
        const tuning = run({ problem, seed, method, rates }, { work, targets: [tunedFor], test: false }, paperCosts);
        onRun(`${method.name}, choosing rates`, false);
        total += scoreOf(tuning, tunedFor, work < search.work ? Infinity : search.work);
        if (!(total < best)) return Infinity;
      }
      return total;
    };
    const given = found.find((other) => other.method === ratesOf)?.rates;
    if (ratesOf !== undefined && given === undefined) throw new Error(`compare: ${ratesOf} does not come before`);
    const rates = given ?? (tuningSeeds.length === 0 ? search.start : tune(search, score).rates);
    const runs = seeds.map((seed) => {
      const made = run({ problem, seed, method, rates }, limits, paperCosts);
      onRun(`${method.name}, seed ${seed}`, true);
      return made;
    });
    found.push({ method: method.name, timed: method.timed, rates, ratesOf: ratesOf ?? null, runs });
  }
  return found;
}

/**
 * Work to the target; where it was not reached, more than `limit`, and the more the further away the end was: tenfold
 * loss counts as another `limit`.
 */
function scoreOf({ work, loss, diverged }: Run, target: number, limit: number): number {
  if (diverged) return Infinity;
  const reached = workTo(target, work, loss);
  return Number.isFinite(reached) ? reached : limit * (1 + Math.log10(loss.at(-1)! / target));
}
