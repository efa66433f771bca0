import { DataError, OptionError, ShapeError } from '../errors.ts';
import type { ModelJSON } from '../model/serialize.ts';
import { restoreRates } from '../optimizers/optimizer.ts';
import type { FitProgress } from '../train/position.ts';
import type { Compiled, Session } from '../train/session.ts';
import { compiledToJSON } from './compiledJSON.ts';
import type { SavedModel } from './savedModel.ts';
import { readTensors, writeTensors } from './tensors.ts';

/** What there is to save of a model. */
export interface ModelState {
  json: ModelJSON;
  session: Session;
  compiled: Compiled | undefined;
  /** Of its last `fit`. */
  progress: FitProgress | undefined;
}

/** A copy of all of a model's state, at once. */
export function snapshot({ json, session, compiled, progress }: ModelState): SavedModel {
  const { build, fused } = session.engine;
  return {
    model: json,
    engine: { build, fused },
    compiled: compiled === undefined ? undefined : compiledToJSON(compiled),
    training: progress?.position,
    tensors: readTensors(session),
  };
}

/** Weights, what the optimizer keeps, and its rates, into a model of the same layers, compiled in the same way. */
export function restore(where: string, session: Session, saved: Pick<SavedModel, 'compiled' | 'tensors'>): void {
  writeTensors(where, session, saved.tensors);
  if (saved.compiled !== undefined) restoreRates(session.compiled!.optimizer, saved.compiled.rates);
}

/** Turns errors of options and shapes that come from a file into one of that file. */
export function asFileErrors<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof OptionError || cause instanceof ShapeError || cause instanceof TypeError)) throw cause;
    throw new DataError(`${where}: ${cause.message}`, { cause });
  }
}
