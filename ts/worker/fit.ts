import { proxy, transfer } from 'comlink';
import type { InputData, TargetData } from '../data/dataset.ts';
import { readSource, type LoadSource } from '../io/storage.ts';
import type { Sequential } from '../model/sequential.ts';
import { boolean, checkKnown, number } from '../options.ts';
import { throwIfAborted } from '../train/abort.ts';
import {
  checkpointOptions,
  VALIDATION,
  validationArguments,
  watching,
  type CheckpointOptions,
  type FitOptions,
} from '../train/fitOptions.ts';
import type { History } from '../train/history.ts';
import type { Link } from './link.ts';
import { Transfers, type PackedData } from './pack.ts';
import { packName, packTarget, type FitRequest } from './protocol.ts';
import type { TrainerFitOptions } from './trainer.ts';
import { Watchers } from './watchers.ts';

/** Options that are dealt with on this side, or travel in another form. */
const here = [
  'callbacks',
  'verbose',
  'signal',
  'validationData',
  'checkpoint',
  'resumeFrom',
  'transfer',
  'reportEvery',
] as const satisfies (keyof TrainerFitOptions)[];

let fits = 0;

/** A `fit` in the thread of a trainer. */
export async function runFit(
  link: Link,
  model: Sequential,
  x: InputData,
  y: TargetData | undefined,
  options: TrainerFitOptions,
): Promise<History> {
  const { transfer: callers = false, reportEvery = 50, validationData, checkpoint, resumeFrom } = options;
  const { callbacks, signal } = watching(options);
  const rest = { ...options };
  for (const name of here) delete rest[name];
  if (signal !== undefined) throwIfAborted(signal);
  const transfers = new Transfers(boolean('fit', 'transfer', callers));
  const target = checkpoint?.target;
  const request: FitRequest = {
    id: fits++,
    data: transfers.data('fit', x, y),
    validation: packValidation(transfers, validationData),
    options: rest,
    checkpoint: packCheckpoint(checkpoint),
    resumeFrom: await packSource(resumeFrom),
    watched: callbacks.length > 0,
    reportEvery: number('fit', 'reportEvery', reportEvery, 0),
  };
  const abort = (): void => void link.service.abort(request.id);
  const optimizer = request.watched ? model.optimizer : undefined;
  const watchers = new Watchers(callbacks, optimizer, typeof target === 'function' ? target : undefined, abort);
  signal?.addEventListener('abort', abort);
  try {
    const history = await link.call('fit', (service) =>
      service.fit(transfer(request, transfers.list), proxy(watchers.report)),
    );
    watchers.check();
    return history;
  } catch (error) {
    // It ended the training by `abort`, as a signal does.
    watchers.check();
    if (signal?.aborted && (error as Error).name === 'AbortError') throwIfAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    watchers.settle();
  }
}

function packValidation(transfers: Transfers, given: FitOptions['validationData']): PackedData | undefined {
  if (given === undefined) return undefined;
  const [x, y] = validationArguments(given);
  return transfers.data(VALIDATION, x, y);
}

function packCheckpoint(options: CheckpointOptions | undefined): FitRequest['checkpoint'] {
  if (options === undefined) return undefined;
  const where = 'fit: checkpoint';
  checkKnown(where, options, checkpointOptions);
  return { target: packTarget(`${where}: target`, options.target), everySteps: options.everySteps };
}

/** Names are read by the thread. */
async function packSource(source: LoadSource | undefined): Promise<FitRequest['resumeFrom']> {
  if (source === undefined) return undefined;
  if (typeof source === 'string' || source instanceof URL) return packName(source);
  return (await readSource('fit: resumeFrom', source)).bytes;
}
