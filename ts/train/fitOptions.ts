import { checkTargets, isDataset, slice, toDataset, type Dataset, type InputData, type TargetData } from '../data/dataset.ts';
import { DataError, OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { boolean, checkKnown, integer, number } from '../model/options.ts';
import type { Shape } from '../shape.ts';
import type { Callback } from './callbacks.ts';
import { YIELD_EVERY_MS } from './yield.ts';

/** Options of `model.fit`. */
export interface FitOptions {
  /** Default 1. */
  epochs?: number;
  /** Samples per step; the last batch of an epoch may be smaller. Default 32. */
  batchSize?: number;
  /** Draw a new order for each epoch. Default `true`. */
  shuffle?: boolean;
  /** Seed of these orders. Default the model's seed. */
  seed?: number;
  /** `[x, y]` or a dataset, evaluated after each epoch. */
  validationData?: readonly [InputData, TargetData] | Dataset;
  /** Fraction in [0, 1) to be held out for validation: the last part, taken before shuffling. Default 0. */
  validationSplit?: number;
  callbacks?: Callback | readonly Callback[];
  /** 0 (default): silent. 1 or 2: a line per epoch on the console. */
  verbose?: 0 | 1 | 2;
  /** Ends training after the current step; `fit` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds of computing after which the event loop gets its turn. Default 16. */
  yieldEvery?: number;
  /** Stop with a DataError when the loss is NaN or infinite, before that step changes anything. Default `true`. */
  stopOnNonFiniteLoss?: boolean;
}

/** Options with defaults, data checked. */
export interface FitPlan extends Required<Omit<FitOptions, 'validationData' | 'validationSplit' | 'callbacks' | 'signal'>> {
  train: Required<Dataset>;
  validation: Required<Dataset> | undefined;
  callbacks: readonly Callback[];
  signal: AbortSignal | undefined;
}

const known = [
  'epochs',
  'batchSize',
  'shuffle',
  'seed',
  'validationData',
  'validationSplit',
  'callbacks',
  'verbose',
  'signal',
  'yieldEvery',
  'stopOnNonFiniteLoss',
];

/** Checks everything that can be checked before the first step. */
export function planFit(
  x: InputData,
  y: TargetData | undefined,
  options: FitOptions,
  model: { xShape: Shape; yShape: Shape; seed: number },
): FitPlan {
  checkKnown('fit', options, known);
  const { verbose = 0, callbacks = [], signal } = options;
  if (verbose !== 0 && verbose !== 1 && verbose !== 2) {
    throw new OptionError(`fit: verbose must be 0, 1 or 2, got ${describe(verbose)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new OptionError(`fit: signal must be an AbortSignal, got ${describe(signal)}`);
  }
  const all = toDataset('fit', x, y, model.xShape);
  checkTargets('fit', all, model.yShape);
  if (all.size === 0) throw new DataError('fit: there are no samples');
  const [train, held] = split(all, options);
  const given = options.validationData;
  let validation: Dataset | undefined = held;
  if (given !== undefined) {
    const [vx, vy] = isDataset(given) ? [given, undefined] : given;
    validation = toDataset('fit: validationData', vx, vy, model.xShape);
  }
  if (validation !== undefined) checkTargets('fit: validationData', validation, model.yShape);
  return {
    train: train as Required<Dataset>,
    validation,
    epochs: integer('fit', 'epochs', options.epochs ?? 1),
    batchSize: integer('fit', 'batchSize', options.batchSize ?? 32),
    shuffle: boolean('fit', 'shuffle', options.shuffle ?? true),
    seed: integer('fit', 'seed', options.seed ?? model.seed, 0),
    verbose,
    callbacks: Array.isArray(callbacks) ? (callbacks as Callback[]) : [callbacks as Callback],
    signal,
    yieldEvery: number('fit', 'yieldEvery', options.yieldEvery ?? YIELD_EVERY_MS, 0),
    stopOnNonFiniteLoss: boolean('fit', 'stopOnNonFiniteLoss', options.stopOnNonFiniteLoss ?? true),
  };
}

function split(all: Dataset, { validationSplit = 0, validationData }: FitOptions): [Dataset, Dataset | undefined] {
  number('fit', 'validationSplit', validationSplit, 0, 1);
  if (validationSplit === 0) return [all, undefined];
  if (validationData !== undefined) throw new OptionError('fit: validationSplit and validationData exclude each other');
  const count = Math.floor(all.size * (1 - validationSplit));
  if (count === 0 || count === all.size) {
    throw new OptionError(`fit: validationSplit ${validationSplit} leaves ${count} of ${all.size} samples to train on`);
  }
  return [slice(all, 0, count), slice(all, count, all.size)];
}
