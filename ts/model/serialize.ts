import type { Architecture } from './architecture.ts';

/** Version of the layout of {@link ModelJSON}; grows when an older reader could misread it. */
export const FORMAT_VERSION = 1;

/** A model's architecture as plain data. */
export interface ModelJSON {
  format: 'fourlane-model';
  formatVersion: number;
  kind: 'sequential';
  name: string;
  seed: number;
  input: { name: string; shape: readonly number[] };
  layers: readonly { kind: string; name: string; trainable: boolean; config: unknown }[];
}

export function modelToJSON(name: string, seed: number, { inputName, inputShape, layers }: Architecture): ModelJSON {
  const model: ModelJSON = {
    format: 'fourlane-model',
    formatVersion: FORMAT_VERSION,
    kind: 'sequential',
    name,
    seed,
    input: { name: inputName, shape: inputShape },
    layers: layers.map(({ kind, name, trainable, config }) => ({ kind, name, trainable, config })),
  };
  // A copy: what the caller does to it must not reach the model.
  return JSON.parse(JSON.stringify(model)) as ModelJSON;
}
