import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { categoricalCrossentropy, sparseCategoricalCrossentropy } from './categoricalCrossentropy.ts';
import { halfSquaredError } from './halfSquaredError.ts';
import type { Loss } from './loss.ts';

/** Factories of the losses. */
export const losses: {
  halfSquaredError: typeof halfSquaredError;
  categoricalCrossentropy: typeof categoricalCrossentropy;
  sparseCategoricalCrossentropy: typeof sparseCategoricalCrossentropy;
} = { halfSquaredError, categoricalCrossentropy, sparseCategoricalCrossentropy };

/** Names that `compile({ loss })` takes. */
export type LossName = keyof typeof losses;

/** A loss from its name, or itself. Throws an OptionError for anything else. */
export function lossOf(value: unknown): Loss {
  if (typeof value === 'object' && value !== null && 'lower' in value) return value as Loss;
  const factory = typeof value === 'string' && Object.hasOwn(losses, value) ? losses[value as LossName] : undefined;
  if (factory === undefined) {
    throw new OptionError(`compile: loss must be one of ${Object.keys(losses).join(', ')}, got ${describe(value)}`);
  }
  return factory();
}
