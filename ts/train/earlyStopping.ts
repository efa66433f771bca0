import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { checkKnown, integer, number, oneOf } from '../options.ts';
import type { Callback, TrainingModel } from './callbacks.ts';

/** Options of {@link earlyStopping}; `stoppingThreshold`, `patience` or both. */
export interface EarlyStoppingOptions {
  /** Name of the loss or metric among the logs of an epoch. Default `loss`; Keras' is `val_loss`. */
  monitor?: string;
  /** Training ends with the first epoch at whose end the monitored number is this good or better. */
  stoppingThreshold?: number;
  /** Training ends when so many epochs in a row brought no improvement. Keras' default, 0, has to be given. */
  patience?: number;
  /** What counts as an improvement is larger than this. Default 0. */
  minDelta?: number;
  /** Whether less (`min`) or more (`max`) is better. Default `auto`: more for accuracies, else less. */
  mode?: 'auto' | 'min' | 'max';
}

/**
 * Ends `fit` at a loss or metric that is good enough, or that no longer improves. As Keras' `EarlyStopping`, with a
 * threshold as in PyTorch Lightning. Throws an OptionError for options that it does not take; training ends with one when
 * the logs hold no such number.
 */
export function earlyStopping(options: EarlyStoppingOptions): Callback {
  const where = 'earlyStopping';
  checkKnown(where, options, ['monitor', 'stoppingThreshold', 'patience', 'minDelta', 'mode']);
  const { monitor = 'loss', stoppingThreshold, patience } = options;
  if (typeof monitor !== 'string') throw new OptionError(`${where}: monitor must be a name, got ${describe(monitor)}`);
  if (stoppingThreshold === undefined && patience === undefined) {
    throw new OptionError(`${where}: stoppingThreshold and patience are both missing`);
  }
  const mode = oneOf(where, 'mode', options.mode ?? 'auto', ['auto', 'min', 'max']);
  const sign = mode === 'max' || (mode === 'auto' && /acc/.test(monitor)) ? -1 : 1;
  const minDelta = number(where, 'minDelta', options.minDelta ?? 0, 0);
  const threshold = stoppingThreshold === undefined ? undefined : number(where, 'stoppingThreshold', stoppingThreshold);
  const most = patience === undefined ? undefined : integer(where, 'patience', patience, 0);
  let model: TrainingModel | undefined;
  let best = Infinity;
  let waited = 0;
  return {
    setModel: (training) => (model = training),
    onTrainBegin() {
      best = Infinity;
      waited = 0;
    },
    onEpochEnd(_, logs) {
      const value = logs[monitor];
      if (value === undefined) {
        const names = Object.keys(logs).join(', ');
        throw new OptionError(`${where}: monitor "${monitor}" is not among the logs: ${names}`);
      }
      const improved = sign * value < best - minDelta;
      if (improved) best = sign * value;
      waited = improved ? 0 : waited + 1;
      const reached = threshold !== undefined && sign * value <= sign * threshold;
      if (reached || (most !== undefined && !improved && waited >= most)) model!.stopTraining = true;
    },
  };
}
