import type { Engine } from '../engine/engine.ts';
import { modelFromJSON } from '../model/fromJSON.ts';
import type { Sequential } from '../model/sequential.ts';
import { checkKnown } from '../options.ts';
import { compileOptionsFromJSON } from './compiledJSON.ts';
import { decodeSavedModel, type SavedModel } from './savedModel.ts';
import { asFileErrors } from './snapshot.ts';
import { readSource, type LoadSource } from './storage.ts';

/**
 * A model as `model.save` or a checkpoint of `fit` wrote it: layers, weights, how it was compiled, and what its optimizer
 * keeps. To go on with the `fit` that wrote it, give `resumeFrom` to `fit`. Rejects with a DataError that names the place
 * for a file that is missing, truncated, altered, written by a newer version, or none of ours; nothing is kept then.
 */
export async function loadModel(source: LoadSource, options: { engine?: Engine } = {}): Promise<Sequential> {
  checkKnown('loadModel', options, ['engine']);
  const { where, bytes } = await readSource('loadModel', source);
  return modelFromSaved(where, decodeSavedModel(where, bytes), options);
}

/** The model of a file that was checked. */
export function modelFromSaved(where: string, saved: SavedModel, options: { engine?: Engine } = {}): Sequential {
  return asFileErrors(where, () => {
    const model = modelFromJSON(saved.model, options);
    try {
      if (saved.compiled !== undefined) model.compile(compileOptionsFromJSON(where, saved.compiled));
      model.restore(where, saved);
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  });
}
