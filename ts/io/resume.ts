import { DataError, OptionError, StateError } from '../errors.ts';
import type { FitPlan } from '../train/fitOptions.ts';
import { checkPosition, type FitPosition, type FitProgress } from '../train/position.ts';
import type { Compiled } from '../train/session.ts';
import { compiledToJSON } from './compiledJSON.ts';
import { decodeSavedModel, type SavedModel } from './savedModel.ts';
import { asFileErrors, restore, type ModelState } from './snapshot.ts';
import { readSource, type LoadSource } from './storage.ts';

/** A model about to be trained. */
type FitState = ModelState & { compiled: Compiled; progress: FitProgress };

/**
 * Puts a model where the `fit` that wrote `source` stood. Rejects, with the model as it was, with a DataError for a file
 * that cannot be read, with an OptionError where model, compilation, data or options are others, and with a StateError
 * where another build computes: nothing of that could continue bit for bit.
 */
export async function resume(source: LoadSource, state: FitState, plan: FitPlan): Promise<void> {
  const { dataset } = plan.train;
  if (dataset.seek === false) {
    throw new OptionError(
      'fit: resumeFrom: this dataset cannot seek (seek is false): what it reads hangs on what it read before',
    );
  }
  const { where, bytes } = await readSource('fit: resumeFrom', source);
  const saved = decodeSavedModel(where, bytes);
  const { training } = saved;
  if (training === undefined) {
    throw new DataError(`${where}: the model was saved outside of fit; there is nothing to resume`);
  }
  checkPosition(where, training);
  const { session, progress } = state;
  session.checkLive();
  checkSame(where, saved, training, state);
  await dataset.seek?.({ epoch: training.epoch, step: training.batch });
  asFileErrors(where, () => restore(where, session, saved));
  progress.position = training;
}

function checkSame(where: string, saved: SavedModel, training: FitPosition, state: FitState): void {
  const { json, session, compiled, progress } = state;
  const { build, fused } = session.engine;
  if (saved.engine.build !== build || saved.engine.fused !== fused) {
    const print = (engine: SavedModel['engine']): string => `${engine.build}${engine.fused ? ', fused' : ''}`;
    throw new StateError(
      `${where}: made by build ${print(saved.engine)}, this engine is ${print({ build, fused })}: ` +
        'the last bits would differ; use loadModel to go on all the same',
    );
  }
  expectSame(where, 'input', saved.model.input, json.input);
  expectSame(where, 'layers', saved.model.layers, json.layers);
  const ours = compiledToJSON(compiled);
  for (const name of ['optimizer', 'loss', 'metrics', 'updateOrder', 'winograd'] as const) {
    expectSame(where, name, saved.compiled?.[name], ours[name]);
  }
  const { samples, batchSize, random } = progress.position;
  expectSame(where, 'samples', training.samples, samples);
  expectSame(where, 'batchSize', training.batchSize, batchSize);
  expectSame(where, 'shuffle', training.random !== null, random !== null);
  expectSame(where, 'seed', training.random?.seed, random?.seed);
}

/** Both were made by the same function, so that equal values have equal texts. */
function expectSame(where: string, name: string, theirs: unknown, ours: unknown): void {
  const [saved, own] = [JSON.stringify(theirs), JSON.stringify(ours)];
  if (saved !== own) {
    throw new OptionError(`${where}: ${name} was ${saved}, now it is ${own}; a fit resumes only unchanged`);
  }
}
