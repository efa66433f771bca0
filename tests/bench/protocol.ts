/**
 * How the benchmark talks to a contender, a child process: one JSON object a line on standard input, one line of
 * answer each on standard output. `peers/serve.ts` and `peers/pytorch.py` are the two other ends; `peers/chromium.ts` hands
 * requests on to a worker of a page.
 */
import type { ClockName } from './clocks.ts';
import type { TensorFiles } from './data.ts';
import type { Phase, Workload } from './workloads.ts';

/** Takes the place of what was loaded before. */
export interface LoadRequest {
  op: 'load';
  workload: Workload;
  phase: Phase;
  tensors: TensorFiles;
}

/** `steps` steps, timed together by the contender itself. */
export interface RunRequest {
  op: 'run';
  steps: number;
  clock: ClockName;
  /** Start from the first weights again, outside of the time: training on one batch for long ends in denormals. */
  reset: boolean;
}

/** Ours only: milliseconds of every step of the plan, medians over `repeats`. */
export interface ProfileRequest {
  op: 'profile';
  repeats: number;
  clock: ClockName;
}

/** Ours only: the peak of the machine, by a loop that touches no memory. */
export interface PeakRequest {
  op: 'peak';
  iterations: number;
  clock: ClockName;
}

export type Request = LoadRequest | RunRequest | ProfileRequest | PeakRequest;

export interface LoadReply {
  /** What the contender chose, for example a memory layout. */
  note?: string;
}

export interface RunReply {
  /** All steps together. */
  ms: number;
  /**
   * Training: the loss of the last step, before its update. Prediction: all logits, `[batch, 10]`. Operations:
   * {@link SAMPLED} entries of the result (NHWC, HWIO), evenly spread.
   */
  values: number[];
  /** Ours only, bytes: the wasm memory, and the largest resident set of the process so far. */
  memory?: { wasm: number; resident: number };
}

export interface ProfiledStep {
  phase: 'forward' | 'loss' | 'backward' | 'update';
  kernel: string;
  layer: string;
  ms: number;
  /** Direct count; none for steps that are no products. */
  gflops?: number;
}

export interface ProfileReply {
  steps: ProfiledStep[];
  /** A whole step as `run` calls it, measured in turn with the others: the framework around the kernels is in it. */
  wholeMs: number;
}

/** Entries of an operation's result that are compared. */
export const SAMPLED = 64;

/** Indices of the compared entries of a result of `length`. */
export function sampledIndices(length: number): number[] {
  return Array.from({ length: SAMPLED }, (_, i) => Math.floor((i * length) / SAMPLED));
}

export interface PeakReply {
  gflops: number;
}
