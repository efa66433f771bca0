import { OptionError } from '../errors.ts';
import { oneOf, pair } from '../options.ts';
import type { Pair } from './geometry.ts';

/** Options of a max pooling, of the layer and of calls without a model. */
export interface MaxPool2dOptions {
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

/** The same with defaults filled in. */
export interface MaxPool2dSettings extends Required<MaxPool2dOptions> {
  poolSize: Pair;
  strides: Pair;
}

export const maxPool2dOptionNames: readonly (keyof MaxPool2dOptions)[] = [
  'poolSize',
  'strides',
  'padding',
  'rounding',
  'padSide',
  'padValue',
];

/** Checks the options and fills in defaults. Throws an OptionError for what it cannot take. */
export function checkMaxPool2dOptions(
  where: string,
  options: { readonly [name in keyof MaxPool2dOptions]: unknown },
): MaxPool2dSettings {
  const poolSize = pair(where, 'poolSize', options.poolSize ?? 2);
  const settings: MaxPool2dSettings = {
    poolSize,
    strides: pair(where, 'strides', options.strides ?? poolSize),
    padding: oneOf(where, 'padding', options.padding ?? 'valid', ['valid', 'same']),
    rounding: oneOf(where, 'rounding', options.rounding ?? 'floor', ['floor', 'ceil']),
    padSide: oneOf(where, 'padSide', options.padSide ?? 'end', ['end', 'start']),
    padValue: oneOf(where, 'padValue', options.padValue ?? '-inf', ['zero', '-inf']),
  };
  if (settings.padding === 'same' && (settings.rounding === 'ceil' || settings.padValue === 'zero')) {
    throw new OptionError(`${where}: rounding "ceil" and padValue "zero" go with padding "valid", got "same"`);
  }
  return settings;
}
