import type { Logs } from './step.ts';

/** What `fit` resolves with, as in Keras. */
export interface History {
  /** Epochs run, counted from 0. */
  epoch: number[];
  /** Loss and metrics of each epoch by name, `val_` before those on validation data. */
  history: Record<string, number[]>;
  /** Training throughput of each epoch, validation not counted. */
  samplesPerSecond: number[];
}

export function newHistory(): History {
  return { epoch: [], history: {}, samplesPerSecond: [] };
}

export function recordEpoch(history: History, epoch: number, { samplesPerSecond, ...logs }: Logs): void {
  history.epoch.push(epoch);
  history.samplesPerSecond.push(samplesPerSecond!);
  for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
}
