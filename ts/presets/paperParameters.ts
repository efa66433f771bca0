import { OptionError } from '../errors.ts';
import type { LayerInfo } from '../model/architecture.ts';
import type { WeightSpec } from '../model/layer.ts';
import type { Sequential } from '../model/sequential.ts';
import { checkFloat32, describe, type NDArray } from '../ndarray.ts';
import { paperShape, weightFromPaper, weightToPaper } from './paperLayout.ts';
import { paperNamesOf, type PaperValue } from './paperNames.ts';

/** Parameters by the paper's names. */
export type PaperParameters = Record<string, NDArray<Float32Array>>;

interface Named {
  name: string;
  layer: LayerInfo;
  spec: WeightSpec;
}

/** The weights in the order of `getWeights()`. */
function named({ layers }: Sequential): Named[] {
  const nameOf = paperNamesOf(layers);
  return layers.flatMap((layer) =>
    layer.weights.map((spec) => ({
      name: nameOf(layer.name, spec.name as PaperValue) ?? `${layer.name}.${spec.name}`,
      layer,
      spec,
    })),
  );
}

/**
 * A model's parameters by the paper's names and in its layouts, copies: `W` `[S, C, kh, kw]` (`[S, kh, kw]` when the
 * planes are shared), `b` `[S]`, `Wt` `[units, inputs]`, `bt`, `Wb`, `bb`; in the five-layer network also `Wh`, `bh` of
 * the second convolution and `Wt2`, `bt2` of the second fully connected layer. `<layer>.W` and `<layer>.b` for layers
 * that are not named as in the presets. Source: MODEL section 1.
 */
export function paperParameters(model: Sequential): PaperParameters {
  const weights = model.getWeights();
  return Object.fromEntries(
    named(model).map(({ name, layer }, index) => [name, weightToPaper(layer, weights[index]!)]),
  );
}

/**
 * Sets the parameters that are named, in the layouts of {@link paperParameters}; the others keep their values. Throws,
 * with nothing written, an OptionError for a name that the model does not have, and a DataError or ShapeError for another
 * type or shape.
 */
export function setPaperParameters(model: Sequential, parameters: Readonly<PaperParameters>): void {
  const where = 'setPaperParameters';
  if (typeof parameters !== 'object' || parameters === null) {
    throw new OptionError(`${where}: expected an object of parameters by name, got ${describe(parameters)}`);
  }
  const places = named(model);
  const names = places.map(({ name }) => name);
  const unknown = Object.keys(parameters).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new OptionError(`${where}: the model has no parameter ${unknown}; it has ${names.join(', ')}`);
  }
  for (const { name, layer, spec } of places) {
    if (Object.hasOwn(parameters, name)) {
      checkFloat32(`${where}: ${name}`, paperShape(layer, spec.shape), parameters[name]);
    }
  }
  const weights = model.getWeights();
  model.setWeights(
    places.map(({ name, spec }, index) =>
      Object.hasOwn(parameters, name) ? weightFromPaper(parameters[name]!, spec.shape) : weights[index]!,
    ),
  );
}
