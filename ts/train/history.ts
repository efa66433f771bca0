import type { BuildName } from '../engine/builds.ts';
import type { Logs } from './step.ts';

/** What computed: the bits of a training hang on `build`, and for `relaxed` on `fused` too, but not on `threads`. */
export interface HistoryEngine {
  build: BuildName;
  /** Whether multiply-add rounds once. */
  fused: boolean;
  threads: number;
}

/** What `fit` resolves with, as in Keras. */
export interface History {
  /** Epochs run, counted from 0. */
  epoch: number[];
  /** Loss and metrics of each epoch by name, `val_` before those on validation data. */
  history: Record<string, number[]>;
  /** Training throughput of each epoch, validation not counted. */
  samplesPerSecond: number[];
  engine: HistoryEngine;
}

/** The epochs of a history. */
export type PastEpochs = Omit<History, 'engine'>;

/** A history that goes on from copies of past epochs. */
export function newHistory({ build, fused, threads }: HistoryEngine, past?: PastEpochs): History {
  const epochs = past === undefined ? { epoch: [], history: {}, samplesPerSecond: [] } : copyEpochs(past);
  return { ...epochs, engine: { build, fused, threads } };
}

export function copyEpochs({ epoch, history, samplesPerSecond }: PastEpochs): PastEpochs {
  return {
    epoch: [...epoch],
    history: Object.fromEntries(Object.entries(history).map(([name, values]) => [name, [...values]])),
    samplesPerSecond: [...samplesPerSecond],
  };
}

export function recordEpoch(history: History, epoch: number, { samplesPerSecond, ...logs }: Logs): void {
  history.epoch.push(epoch);
  history.samplesPerSecond.push(samplesPerSecond!);
  for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
}
