import { ShapeError } from '../errors.ts';
import { makeLayer, type Layer, type LayerDef, type LayerOptions } from '../model/layer.ts';
import { maxPool2dGeometry, type MaxPool2dGeometry } from '../ops/geometry.ts';
import {
  checkMaxPool2dOptions,
  maxPool2dOptionNames,
  type MaxPool2dOptions,
  type MaxPool2dSettings,
} from '../ops/maxPool2dOptions.ts';
import { step } from '../plan/plan.ts';
import { batchShape, type Shape } from '../shape.ts';

/** Options of {@link maxPooling2d}. */
export interface MaxPooling2dOptions extends LayerOptions, MaxPool2dOptions {}

function geometryOf(where: string, config: MaxPool2dSettings, input: Shape): MaxPool2dGeometry {
  if (input.length !== 3) {
    throw new ShapeError(`${where}: expected input [N, height, width, channels], got ${batchShape(input)}`);
  }
  return maxPool2dGeometry(where, [input[0]!, input[1]!, input[2]!], config);
}

export const maxPooling2dDef: LayerDef<MaxPool2dSettings> = {
  kind: 'maxPooling2d',
  options: maxPool2dOptionNames,
  configure: checkMaxPool2dOptions,

  outputShape(where, config, [input]) {
    const { outHeight, outWidth, channels } = geometryOf(where, config, input!);
    return [outHeight, outWidth, channels];
  },

  lower({ name, where, config, inputs, builder }) {
    const geometry = geometryOf(where, config, builder.tensor(inputs[0]!).shape);
    const outputShape = [geometry.outHeight, geometry.outWidth, geometry.channels];
    return builder.node({
      layer: name,
      op: 'maxPool2d',
      inputs,
      weights: {},
      outputName: `${name}/t`,
      outputShape,
      saved: { positions: { shape: outputShape, dtype: 'int32' } },
      forward: ({ input, output, saved }) => [
        step('maxPool2dForward', name, { input: input(), output, positions: saved('positions') }, { geometry }),
      ],
      backward: ({ gradOutput, gradInput, saved }) =>
        gradInput() === undefined
          ? []
          : [
              step(
                'maxPool2dBackward',
                name,
                { gradOutput, positions: saved('positions'), gradInput: gradInput() },
                { geometry },
              ),
            ],
    });
  },
};

/**
 * Max pooling of `[N, height, width, channels]`: the largest entry of each window; the first in row-major order where
 * several are equal, NaN where there is one. Output size per axis: `floor((in - pool) / stride) + 1` (`valid`), `ceil`
 * instead with `rounding: 'ceil'`, `ceil(in / stride)` with `same`.
 * Throws an OptionError for unknown options, and, when the model is built, a ShapeError when no window fits.
 * Source: MODEL section 2 (down and up).
 */
export function maxPooling2d(options: MaxPooling2dOptions = {}): Layer {
  return makeLayer(maxPooling2dDef, options);
}
