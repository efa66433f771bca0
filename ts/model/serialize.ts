import { DataError } from '../errors.ts';
import { layerDefOf, layerKinds } from '../layers/index.ts';
import { describe } from '../ndarray.ts';
import type { Architecture } from './architecture.ts';
import { makeLayer, type LayerOptions } from './layer.ts';
import { sequential, type Sequential, type SequentialOptions } from './sequential.ts';

/** Version of the layout of {@link ModelJSON}; grows when an older reader could misread it. */
const FORMAT_VERSION = 1;

/** A model's architecture as plain data. */
export interface ModelJSON {
  format: 'fourlane-model';
  formatVersion: number;
  kind: 'sequential';
  name: string;
  seed: number;
  inputShape: readonly number[];
  layers: readonly { kind: string; name: string; trainable: boolean; config: unknown }[];
}

export function modelToJSON(name: string, seed: number, architecture: Architecture): ModelJSON {
  return {
    format: 'fourlane-model',
    formatVersion: FORMAT_VERSION,
    kind: 'sequential',
    name,
    seed,
    inputShape: architecture.inputShape,
    layers: architecture.layers.map(({ kind, name, trainable, config }) => ({ kind, name, trainable, config })),
  };
}

/**
 * The model that `toJSON` described, given as an object or as text, with freshly initialized weights.
 * Throws a DataError for another format or a newer version, and what the layers throw for options they do not take.
 */
export function modelFromJSON(json: ModelJSON | string, options: Pick<SequentialOptions, 'engine'> = {}): Sequential {
  const model = (typeof json === 'string' ? parse(json) : json) as Partial<ModelJSON> | null;
  if (model?.format !== 'fourlane-model' || model.kind !== 'sequential' || !Array.isArray(model.layers)) {
    throw new DataError(`modelFromJSON: not a fourlane model, format is ${describe(model?.format)}`);
  }
  if (model.formatVersion !== FORMAT_VERSION) {
    throw new DataError(`modelFromJSON: formatVersion ${model.formatVersion}; this version reads ${FORMAT_VERSION}`);
  }
  const layers = model.layers.map(({ kind, name, trainable, config }, index) => {
    const def = layerDefOf(kind);
    if (def === undefined) {
      throw new DataError(`modelFromJSON: layer ${index} is of unknown kind "${kind}"; known: ${layerKinds.join(', ')}`);
    }
    const layerOptions: LayerOptions = { ...(config as object), name, trainable };
    if (index === 0) layerOptions.inputShape = model.inputShape!;
    return makeLayer(def, layerOptions);
  });
  return sequential(layers, { ...options, name: model.name!, seed: model.seed! });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError('modelFromJSON: the text is no JSON', { cause });
  }
}
