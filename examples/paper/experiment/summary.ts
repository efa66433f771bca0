import type { Rates } from '../methods/method.ts';
import type { Comparison, MethodRuns } from './compare.ts';
import { workTo, type Run } from './run.ts';

/** Points of a curve in one tenfold of work. */
const POINTS_PER_DECADE = 16;

/** What came out for one method. `null`: not reached by most of the runs. */
export interface MethodResult {
  method: string;
  rates: Rates;
  /** The method that these were chosen for, where it is another one. */
  ratesOf: string | null;
  /** Median work to each target, in joint steps of the problem's network. */
  work: (number | null)[];
  /** The same in joint steps of the paper's network. */
  priced: (number | null)[];
  /** Runs that diverged. */
  diverged: number;
  /** Median fraction of other samples that are read right at the end of a run. */
  accuracy: number;
  /** Median loss over the runs, as a part of the first, by work in joint steps of the paper's network. */
  curve: [work: number, loss: number][];
  /** Processor time for as much work as a joint step is; `null` where calls compute more than the method needs. */
  cpuMsPerJointStep: number | null;
}

/** What came out of a {@link Comparison}. */
export interface ComparisonResult {
  problem: string;
  seeds: readonly number[];
  tuningSeeds: readonly number[];
  limit: number;
  targets: readonly number[];
  tunedFor: number;
  methods: MethodResult[];
}

/** The middle one; of an even number the lower one of the middle two, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}

export function summarize(comparison: Comparison, methods: readonly MethodRuns[]): ComparisonResult {
  const { problem, seeds, tuningSeeds, limits, tunedFor } = comparison;
  const { work: limit, targets } = limits;
  return {
    problem: problem.name,
    seeds,
    tuningSeeds,
    limit,
    targets,
    tunedFor,
    methods: methods.map((runs) => summarizeMethod(runs, targets)),
  };
}

function summarizeMethod(
  { method, timed, rates, ratesOf, runs }: MethodRuns,
  targets: readonly number[],
): MethodResult {
  const medianTo = (target: number, kind: 'work' | 'priced'): number | null => {
    const value = median(runs.map((run) => (run.diverged ? Infinity : workTo(target, run[kind], run.loss))));
    return Number.isFinite(value) ? value : null;
  };
  return {
    method,
    rates,
    ratesOf,
    work: targets.map((target) => medianTo(target, 'work')),
    priced: targets.map((target) => medianTo(target, 'priced')),
    diverged: runs.filter(({ diverged }) => diverged).length,
    accuracy: median(runs.map(({ accuracy }) => accuracy)),
    curve: medianCurve(runs),
    cpuMsPerJointStep: timed ? medianTime(runs) : null,
  };
}

/** Of the runs that are long enough to tell. */
function medianTime(runs: readonly Run[]): number | null {
  const times = runs.flatMap(({ cpuMsPerJointStep: time }) => (time === null ? [] : [time]));
  return times.length === 0 ? null : median(times);
}

/** At work in even steps of its logarithm, as far as half of the runs go. */
function medianCurve(runs: readonly Run[]): [number, number][] {
  const end = median(runs.map(({ priced }) => priced.at(-1)!));
  const start = 0.5;
  const count = Math.max(0, Math.ceil(Math.log10(end / start) * POINTS_PER_DECADE));
  const grid = [...Array.from({ length: count }, (_, i) => start * 10 ** (i / POINTS_PER_DECADE)), end];
  return grid.map((work) => [work, median(runs.map((run) => lossAt(run, work)))]);
}

/** Loss behind the last call that was paid for by then. */
function lossAt({ priced, loss, diverged }: Run, work: number): number {
  const later = priced.findIndex((value) => value > work);
  if (later < 0) return diverged ? Infinity : loss.at(-1)!;
  return loss[later - 1]!;
}
