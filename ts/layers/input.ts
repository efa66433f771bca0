import { OptionError } from '../errors.ts';
import { makeLayer, type Layer, type LayerDef, type LayerOptions } from '../model/layer.ts';
import { checkKnown } from '../options.ts';

/** Options of {@link input}. */
export interface InputOptions {
  /** Shape of one sample, e.g. `[28, 28, 1]`. */
  shape: readonly number[];
  name?: string;
}

export const inputDef: LayerDef<object> = {
  kind: 'input',
  options: [],
  configure: () => ({}),
  outputShape: (_, __, inputs) => inputs[0]!,
  lower: ({ inputs }) => inputs[0]!,
};

/** The shape of a model's input, as its first layer. Throws a ShapeError when it is no list of positive integers. */
export function input(options: InputOptions): Layer {
  checkKnown('input', options, ['shape', 'name']);
  const { shape, ...rest } = options;
  if (shape === undefined) throw new OptionError('input: shape is missing');
  const layerOptions: LayerOptions = { ...rest, inputShape: shape };
  return makeLayer(inputDef, layerOptions);
}
