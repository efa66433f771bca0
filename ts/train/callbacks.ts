import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Logs } from './step.ts';

/** What a callback may be told before training starts. */
export interface TrainingParams {
  epochs: number;
  /** Samples trained on in an epoch. */
  samples: number;
  batchSize: number;
  /** Batches in an epoch. */
  steps: number;
  /** Names in the logs of an epoch. */
  metrics: readonly string[];
}

/** What a callback may do with the model in training. */
export interface TrainingModel {
  /** Set to true, `fit` ends after the current step and resolves with the history so far. */
  stopTraining: boolean;
  readonly optimizer: Optimizer;
}

/**
 * Keras' hooks, all optional, in the order of the list for each event. A hook may be async: training waits for it. An
 * error from a hook stops training and is rethrown by `fit`; the model is as after the last full step.
 */
export interface Callback {
  setParams?(params: TrainingParams): void;
  setModel?(model: TrainingModel): void;
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  /** Logs: loss, metrics, their `val_` versions, `samplesPerSecond`. */
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  /** Logs: loss and metrics of this batch, `size`, `batch`. */
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
}

type Hook = Exclude<keyof Callback, 'setParams' | 'setModel'>;

/** Calls one hook of every callback in turn. */
export async function callHook(callbacks: readonly Callback[], hook: Hook, index: number, logs?: Logs): Promise<void> {
  for (const callback of callbacks) {
    if (hook === 'onTrainBegin' || hook === 'onTrainEnd') await callback[hook]?.(logs);
    else await callback[hook]?.(index, logs ?? {});
  }
}

/**
 * Sets the learning rate before each epoch to `schedule(epoch, rate)`, epochs counted from 0. Rates per layer stay.
 */
export function learningRateScheduler(schedule: (epoch: number, learningRate: number) => number): Callback {
  let model: TrainingModel | undefined;
  return {
    setModel: (training) => (model = training),
    onEpochBegin: (epoch) => {
      model!.optimizer.learningRate = schedule(epoch, model!.optimizer.learningRate);
    },
  };
}

/** A line per epoch on the console: what `verbose: 1` adds. */
export function consoleLogger(log: (line: string) => void = (line) => console.log(line)): Callback {
  let epochs = 0;
  return {
    setParams: (params) => (epochs = params.epochs),
    onEpochEnd: (epoch, logs) => log(`epoch ${epoch + 1}/${epochs}: ${formatLogs(logs)}`),
  };
}

/** `loss 0.1234, accuracy 0.9876, 12345 samples/s`. */
export function formatLogs({ samplesPerSecond, ...logs }: Logs): string {
  const parts = Object.entries(logs).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`);
  if (samplesPerSecond !== undefined) parts.push(`${Math.round(samplesPerSecond)} samples/s`);
  return parts.join(', ');
}
