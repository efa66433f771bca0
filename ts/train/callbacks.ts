import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
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
 * Keras' hooks, all optional. For each event they are called in the order of the list. A hook may be async: training
 * waits for it. An error from a hook stops training and is rethrown by `fit`; the model is as after the last full step.
 */
export interface Callback {
  setParams?(params: TrainingParams): void;
  setModel?(model: TrainingModel): void;
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  /** Not called when training ends by an error or is aborted. Logs: those of the last epoch. */
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  /** Logs: loss, metrics, their `val_` versions, `samplesPerSecond`. */
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  /** Logs: loss and metrics of this batch, `size`, `batch`. */
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /** Keras' other name of `onBatchBegin`; where a callback has both, this one is called. */
  onTrainBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  /** Keras' other name of `onBatchEnd`; where a callback has both, this one is called. */
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /** Called last, however training ended, once `onTrainBegin` may have been: for what has to be put away. Not in Keras. */
  onTrainSettled?(): void;
}

type Hook = Exclude<
  keyof Callback,
  'setParams' | 'setModel' | 'onTrainBatchBegin' | 'onTrainBatchEnd' | 'onTrainSettled'
>;

const hooks = [
  ...['setParams', 'setModel', 'onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd'],
  ...['onBatchBegin', 'onBatchEnd', 'onTrainBatchBegin', 'onTrainBatchEnd', 'onTrainSettled'],
];

/** One callback or a list of them, as a list. Throws an OptionError for what is none, or has a hook that is not known. */
export function checkCallbacks(value: Callback | readonly Callback[]): Callback[] {
  const callbacks = (Array.isArray(value) ? [...(value as Callback[])] : [value]) as Callback[];
  callbacks.forEach((callback: unknown, index) => {
    if (typeof callback !== 'object' || callback === null) {
      throw new OptionError(`fit: callbacks[${index}] must be an object with hooks, got ${describe(callback)}`);
    }
    for (const name in callback) {
      if (!hooks.includes(name) && /^on[A-Z]/.test(name)) {
        throw new OptionError(`fit: callbacks[${index}] has an unknown hook ${name}; known: ${hooks.join(', ')}`);
      }
    }
    for (const name of hooks) {
      const hook = (callback as Record<string, unknown>)[name];
      if (hook !== undefined && typeof hook !== 'function') {
        throw new OptionError(`fit: callbacks[${index}].${name} must be a function, got ${describe(hook)}`);
      }
    }
  });
  return callbacks;
}

/** Calls one hook of every callback in turn. */
export async function callHook(callbacks: readonly Callback[], hook: Hook, index: number, logs?: Logs): Promise<void> {
  for (const callback of callbacks) {
    if (hook === 'onTrainBegin' || hook === 'onTrainEnd') await callback[hook]?.(logs);
    else if (hook === 'onBatchBegin' && callback.onTrainBatchBegin) await callback.onTrainBatchBegin(index, logs ?? {});
    else if (hook === 'onBatchEnd' && callback.onTrainBatchEnd) await callback.onTrainBatchEnd(index, logs ?? {});
    else await callback[hook]?.(index, logs ?? {});
  }
}

/**
 * Sets the learning rate before each epoch to `schedule(epoch, rate)`, epochs counted from 0. Rates per layer stay.
 * Training ends with an OptionError when the result is no number >= 0.
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

/** A line per epoch on the console: what `verbose` adds, unless the environment has better. */
export function consoleLogger(log: (line: string) => void = printLine): Callback {
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

function printLine(line: string): void {
  // eslint-disable-next-line no-console -- asked for by `verbose`
  console.log(line);
}
