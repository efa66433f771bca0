import type { Method, Rates } from '../methods/method.ts';
import { accuracyOf, type Problem } from '../problems/problem.ts';
import { costsOf, inJointSteps, type Costs } from './work.ts';

/** A loss so many times the first has diverged. */
const DIVERGED = 10;

/** What ends a run. */
export interface Limits {
  /** In joint steps of the problem's own network. */
  work: number;
  /** Parts of the first loss that are looked for, the largest first; the last one ends the run. */
  targets: readonly number[];
  /** Whether other samples are read at the end. Default `true`. */
  test?: boolean;
}

/** Loss along a run. */
export interface Run {
  /** In joint steps of the network, before each call. */
  work: number[];
  /** The same run charged with the costs of the paper's network. */
  priced: number[];
  /** As parts of the first. */
  loss: number[];
  diverged: boolean;
  /** Fraction of other samples that are read right at the end; 0 where it diverged. */
  accuracy: number;
  /** Processor time for as much work as a joint step is, where all calls are alike; without the first, which takes memory. */
  cpuMsPerJointStep: number | null;
}

/** Trains until the last target or the limit of work is reached, or the loss has diverged. */
export function run(
  { problem, seed, method, rates }: { problem: Problem; seed: number; method: Method; rates: Rates },
  { work: limit, targets, test: wanted = true }: Limits,
  paperCosts: Costs,
): Run {
  const { model, batch, test } = problem.task(seed);
  const costs = costsOf(model.layers);
  const result: Run = { work: [], priced: [], loss: [], diverged: false, accuracy: 0, cpuMsPerJointStep: null };
  let [work, priced, first] = [0, 0, NaN];
  let before: NodeJS.CpuUsage | undefined;
  for (const call of method.train(model, rates, batch)) {
    if (Number.isNaN(first)) first = call.loss;
    const loss = call.loss / first;
    result.diverged = !(loss <= DIVERGED);
    if (result.diverged) break;
    result.work.push(work);
    result.priced.push(priced);
    result.loss.push(loss);
    if (loss <= targets.at(-1)! || work >= limit) break;
    before ??= process.cpuUsage();
    work += inJointSteps(call.work, costs);
    priced += inJointSteps(call.work, paperCosts);
  }
  if (before !== undefined && result.work.length > 2 && !result.diverged) {
    const { user, system } = process.cpuUsage(before);
    // Of the calls that are timed, the first is missing and the last is not paid for: as many as lie between.
    result.cpuMsPerJointStep = (user + system) / 1000 / (result.work.at(-1)! - result.work[0]!);
  }
  if (wanted && !result.diverged) result.accuracy = accuracyOf(model, test);
  model.dispose();
  return result;
}

/** Work at which the loss was first at or below `target`; Infinity when it never was. */
export function workTo(target: number, work: readonly number[], loss: readonly number[]): number {
  const reached = loss.findIndex((value) => value <= target);
  return reached < 0 ? Infinity : work[reached]!;
}
