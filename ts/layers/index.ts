import type { LayerDef } from '../model/layer.ts';
import { activation, activationDef } from './activation.ts';
import { addDef } from './add.ts';
import { conv2d, conv2dDef } from './conv2d.ts';
import { dense, denseDef } from './dense.ts';
import { flatten, flattenDef } from './flatten.ts';
import { input, inputDef } from './input.ts';
import { maxPooling2d, maxPooling2dDef } from './maxPooling2d.ts';

/** Factories of the layers, by Keras' and TensorFlow.js' names. */
export const layers: {
  input: typeof input;
  conv2d: typeof conv2d;
  maxPooling2d: typeof maxPooling2d;
  flatten: typeof flatten;
  dense: typeof dense;
  activation: typeof activation;
} = { input, conv2d, maxPooling2d, flatten, dense, activation };

// A def is only ever given the config that its own `configure` made.
const defs = [inputDef, conv2dDef, maxPooling2dDef, flattenDef, denseDef, activationDef, addDef] as LayerDef[];

const byKind = new Map(defs.map((def) => [def.kind, def]));

/** Kinds of layers that a model may hold. */
export const layerKinds: readonly string[] = [...byKind.keys()];

/** The def of a kind; undefined for one that is not known. */
export function layerDefOf(kind: string): LayerDef | undefined {
  return byKind.get(kind);
}
