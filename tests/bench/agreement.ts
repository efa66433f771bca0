import type { Row } from './workloads.ts';

/** Steps at the start whose results are compared; a step later the rounding of a larger rate may have grown. */
export const COMPARED_STEPS = 3;

/** Largest relative difference of the losses of the first, second and third step. */
const LOSSES = { sgd: [1e-4, 1e-3, 1e-3], adam: [1e-4, 2e-2, 2e-2] } as const;

/** Largest difference of predictions and results of operations, relative to the largest entry. */
const ENTRIES = 1e-4;

/**
 * What is wrong with a peer's first results (see `RunReply.values`), one entry per step; undefined when they agree with
 * ours. NaN agrees with nothing.
 */
export function disagreement(
  { workload, phase }: Row,
  ours: readonly number[][],
  theirs: readonly number[][],
): string | undefined {
  for (let step = 0; step < COMPARED_STEPS; step++) {
    const [expected, got] = [ours[step]!, theirs[step]!];
    if (got.length !== expected.length) return `step ${step + 1} gives ${got.length} values, ours ${expected.length}`;
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const training = phase === 'train' && workload.kind === 'network';
    const tolerance = training ? LOSSES[workload.optimizer.kind][step]! : ENTRIES;
    const index = expected.findIndex((value, i) => !(Math.abs(got[i]! - value) <= tolerance * largest));
    if (index < 0) continue;
    const what = training ? `loss ${step + 1}` : `value ${index} of step ${step + 1}`;
    return `${what} is ${got[index]}, ours ${expected[index]} (tolerance ${tolerance} of ${largest})`;
  }
  return undefined;
}
