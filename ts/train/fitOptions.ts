import { isDataset, type Dataset, type InputData, type TargetData } from '../data/dataset.ts';
import { OptionError } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import { checkTarget, type LoadSource, type SaveTarget } from '../io/storage.ts';
import { describe } from '../ndarray.ts';
import { boolean, checkKnown, integer, number, seedOf } from '../options.ts';
import type { Shape } from '../shape.ts';
import { trainingData, type Samples } from './batches.ts';
import { checkCallbacks, type Callback } from './callbacks.ts';
import { verboseCallback } from './progress.ts';
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
  /** 0 (default): silent. 1: a progress bar in a terminal, elsewhere a line per epoch. 2: a line per epoch. */
  verbose?: 0 | 1 | 2;
  /** Ends training after the current step; `fit` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds of computing after which the event loop gets its turn. Default 16. */
  yieldEvery?: number;
  /** Stop with a DataError when the loss is NaN or infinite, before that step changes anything. Default `true`. */
  stopOnNonFiniteLoss?: boolean;
  /** Save the model as training goes on, so that `resumeFrom` can continue it. */
  checkpoint?: CheckpointOptions;
  /**
   * Continue the `fit` that wrote this, bit for bit as if it had never stopped: same model, data and options; only
   * `epochs` and what does not change results may differ. Rates are those of the checkpoint. Callbacks start anew: within
   * an epoch, it begins for them a second time. A dataset must be able to `seek`.
   */
  resumeFrom?: LoadSource;
}

/** When and where `fit` saves the model. */
export interface CheckpointOptions {
  /** What `model.save` takes; each checkpoint replaces the one before. A function is given the bytes. */
  target: SaveTarget;
  /** Steps between two of them, counted over all epochs. Default those of an epoch. Training waits until it is written. */
  everySteps?: number;
}

/** Options that tell others of a `fit`, or are told by them. */
type Watching = 'callbacks' | 'verbose' | 'signal';

/** Names of {@link CheckpointOptions}. */
export const checkpointOptions = ['target', 'everySteps'] as const satisfies (keyof CheckpointOptions)[];

/** How messages call the data of `validationData`. */
export const VALIDATION = 'fit: validationData';

/** Options with defaults, data checked. */
export interface FitPlan extends Required<
  Omit<FitOptions, Watching | 'validationData' | 'validationSplit' | 'checkpoint' | 'resumeFrom'>
> {
  train: Samples;
  /** With the name by which messages call it. */
  validation: { where: string; samples: Samples } | undefined;
  /** With that of `verbose`. */
  callbacks: readonly Callback[];
  signal: AbortSignal | undefined;
  checkpoint: Required<CheckpointOptions> | undefined;
  resumeFrom: LoadSource | undefined;
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
  'checkpoint',
  'resumeFrom',
];

/** Checks everything that can be checked before the first step. */
export function planFit(
  x: InputData,
  y: TargetData | undefined,
  options: FitOptions,
  model: { inputShape: Shape; outputShape: Shape; seed: number; loss: Loss },
): FitPlan {
  checkKnown('fit', options, known);
  const { validationData, validationSplit = 0 } = options;
  number('fit', 'validationSplit', validationSplit, 0, 1);
  if (validationSplit > 0 && validationData !== undefined) {
    throw new OptionError('fit: validationSplit and validationData exclude each other');
  }
  const all = trainingData('fit', x, y, model, model.loss);
  const [train, held] = split(all, validationSplit);
  const given = validationData === undefined ? undefined : heldOut(validationData, model);
  const batchSize = integer('fit', 'batchSize', options.batchSize ?? 32);
  return {
    train,
    validation: held === undefined ? given : { where: 'fit', samples: held },
    epochs: integer('fit', 'epochs', options.epochs ?? 1),
    batchSize,
    shuffle: boolean('fit', 'shuffle', options.shuffle ?? true),
    seed: seedOf('fit', options.seed ?? model.seed),
    ...watching(options),
    yieldEvery: number('fit', 'yieldEvery', options.yieldEvery ?? YIELD_EVERY_MS, 0),
    stopOnNonFiniteLoss: boolean('fit', 'stopOnNonFiniteLoss', options.stopOnNonFiniteLoss ?? true),
    checkpoint: checkpointing(options.checkpoint, Math.ceil(train.end / batchSize)),
    resumeFrom: options.resumeFrom,
  };
}

/** What tells others of a `fit`, and is told by them. Throws an OptionError for what it cannot be. */
export function watching({
  verbose = 0,
  callbacks = [],
  signal,
}: Pick<FitOptions, Watching>): Pick<FitPlan, 'callbacks' | 'signal'> {
  if (verbose !== 0 && verbose !== 1 && verbose !== 2) {
    throw new OptionError(`fit: verbose must be 0, 1 or 2, got ${describe(verbose)}`);
  }
  if (signal !== undefined && (typeof signal !== 'object' || signal === null || !('aborted' in signal))) {
    throw new OptionError(`fit: signal must be an AbortSignal, got ${describe(signal)}`);
  }
  const own = checkCallbacks(callbacks);
  return { callbacks: verbose === 0 ? own : [...own, verboseCallback(verbose)], signal };
}

function checkpointing(options: CheckpointOptions | undefined, steps: number): FitPlan['checkpoint'] {
  if (options === undefined) return undefined;
  const where = 'fit: checkpoint';
  checkKnown(where, options, checkpointOptions);
  checkTarget(`${where}: target`, options.target);
  return { target: options.target, everySteps: integer(where, 'everySteps', options.everySteps ?? steps) };
}

function heldOut(
  given: NonNullable<FitOptions['validationData']>,
  model: { inputShape: Shape; outputShape: Shape; loss: Loss },
): NonNullable<FitPlan['validation']> {
  const [x, y] = validationArguments(given);
  return { where: VALIDATION, samples: trainingData(VALIDATION, x, y, model, model.loss) };
}

/** `validationData` as inputs and targets; none with a dataset, which has its own. Throws an OptionError for what is neither. */
export function validationArguments(given: unknown): readonly [InputData, TargetData?] {
  if (isDataset(given)) return [given];
  if (!Array.isArray(given) || given.length !== 2) {
    throw new OptionError(`${VALIDATION} must be [x, y] or a dataset, got ${describe(given)}`);
  }
  return given as [InputData, TargetData];
}

/** The last part is held out, rounded as Keras does it: `floor(size * (1 - fraction))` samples stay. */
function split({ dataset, end }: Samples, fraction: number): [Samples, Samples | undefined] {
  if (fraction === 0) return [{ dataset, start: 0, end }, undefined];
  const count = Math.floor(end * (1 - fraction));
  if (count === 0 || count === end) {
    throw new OptionError(
      `fit: validationSplit ${fraction} of ${end} samples leaves ${count} to train on and ${end - count} to validate`,
    );
  }
  return [
    { dataset, start: 0, end: count },
    { dataset, start: count, end },
  ];
}
