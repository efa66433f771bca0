import type { Engine } from '../engine/engine.ts';
import { DataError } from '../errors.ts';
import { layerDefOf, layerKinds } from '../layers/index.ts';
import { inputDef } from '../layers/input.ts';
import { describe } from '../ndarray.ts';
import { checkKnown } from '../options.ts';
import type { Shape } from '../shape.ts';
import { makeLayer, type LayerOptions } from './layer.ts';
import type { SequentialOptions } from './modelOptions.ts';
import { FORMAT_VERSION, type ModelJSON } from './serialize.ts';
import { sequential, type Sequential } from './sequential.ts';

/**
 * The model that `toJSON` described, given as an object or as text, with freshly initialized weights.
 * Throws a DataError for another format or a newer version, and what the layers throw for options they do not take.
 */
export function modelFromJSON(json: ModelJSON | string, options: { engine?: Engine } = {}): Sequential {
  checkKnown('modelFromJSON', options, ['engine']);
  const model: unknown = typeof json === 'string' ? parse(json) : json;
  if (!isRecord(model) || model.format !== 'fourlane-model') {
    throw new DataError(
      `modelFromJSON: not a fourlane model, got ${isRecord(model) ? describe(model.format) : describe(model)}`,
    );
  }
  const { formatVersion, kind, name, seed, input, layers: given } = model;
  if (formatVersion !== FORMAT_VERSION) {
    throw new DataError(
      `modelFromJSON: formatVersion is ${describe(formatVersion)}, this version reads ${FORMAT_VERSION}`,
    );
  }
  if (kind !== 'sequential' || !isRecord(input) || !Array.isArray(given)) {
    throw new DataError('modelFromJSON: expected kind "sequential", an input and a list of layers');
  }
  const first = makeLayer(inputDef, { name: input.name as string, inputShape: input.shape as Shape });
  const layers = given.map((layer: unknown, index) => {
    if (!isRecord(layer)) {
      throw new DataError(`modelFromJSON: layer ${index} is ${describe(layer)}, expected an object`);
    }
    const def = typeof layer.kind === 'string' ? layerDefOf(layer.kind) : undefined;
    if (def === undefined) {
      const kinds = layerKinds.join(', ');
      throw new DataError(`modelFromJSON: layer ${index} is of unknown kind ${describe(layer.kind)}; known: ${kinds}`);
    }
    const { name, trainable, config } = layer;
    return makeLayer(def, { ...(isRecord(config) ? config : {}), name, trainable } as LayerOptions);
  });
  return sequential([first, ...layers], { ...options, name, seed } as SequentialOptions);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DataError('modelFromJSON: the text is no JSON', { cause });
  }
}
