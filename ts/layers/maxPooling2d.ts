import { OptionError, ShapeError } from '../errors.ts';
import { makeLayer, type Layer, type LayerDef, type LayerOptions } from '../model/layer.ts';
import { oneOf, pair } from '../model/options.ts';
import { maxPool2dGeometry, type MaxPool2dGeometry, type Pair } from '../ops/geometry.ts';
import { step } from '../plan/plan.ts';
import { batchShape, type Shape } from '../shape.ts';

/** Options of {@link maxPooling2d}. */
export interface MaxPooling2dOptions extends LayerOptions {
  /** Number, or [height, width]. Default 2. */
  poolSize?: number | Pair;
  /** Number, or [height, width]. Default `poolSize`. */
  strides?: number | Pair;
  /** Keras' `valid` (default) or `same`; `same` pads with -infinity on both sides. */
  padding?: 'valid' | 'same';
  /** With `valid`: whether a last, incomplete window is dropped (`floor`, default) or padded (`ceil`). */
  rounding?: 'floor' | 'ceil';
  /** With `ceil`: the side that is padded, bottom and right (`end`, default) or top and left (`start`). */
  padSide?: 'end' | 'start';
  /** With `ceil`: padding never wins (`-inf`, default) or counts as 0 (`zero`, the paper's). */
  padValue?: 'zero' | '-inf';
}

interface Config {
  poolSize: Pair;
  strides: Pair;
  padding: 'valid' | 'same';
  rounding: 'floor' | 'ceil';
  padSide: 'end' | 'start';
  padValue: 'zero' | '-inf';
}

function geometryOf(where: string, config: Config, input: Shape): MaxPool2dGeometry {
  if (input.length !== 3) {
    throw new ShapeError(`${where}: expected input [N, height, width, channels], got ${batchShape(input)}`);
  }
  return maxPool2dGeometry(where, [input[0]!, input[1]!, input[2]!], config);
}

export const maxPooling2dDef: LayerDef<Config> = {
  kind: 'maxPooling2d',
  options: ['poolSize', 'strides', 'padding', 'rounding', 'padSide', 'padValue'],

  configure(where, options) {
    const poolSize = pair(where, 'poolSize', options.poolSize ?? 2);
    const config: Config = {
      poolSize,
      strides: pair(where, 'strides', options.strides ?? poolSize),
      padding: oneOf(where, 'padding', options.padding ?? 'valid', ['valid', 'same']),
      rounding: oneOf(where, 'rounding', options.rounding ?? 'floor', ['floor', 'ceil']),
      padSide: oneOf(where, 'padSide', options.padSide ?? 'end', ['end', 'start']),
      padValue: oneOf(where, 'padValue', options.padValue ?? '-inf', ['zero', '-inf']),
    };
    if (config.padding === 'same' && (config.rounding === 'ceil' || config.padValue === 'zero')) {
      throw new OptionError(`${where}: rounding "ceil" and padValue "zero" go with padding "valid", got "same"`);
    }
    return config;
  },

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
