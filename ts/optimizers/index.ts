import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { adam, adamw } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** Optimizers by the names that `compile({ optimizer })` takes. */
export const optimizers: { sgd: typeof sgd; adam: typeof adam; adamw: typeof adamw } = { sgd, adam, adamw };

/** Names that `compile({ optimizer })` takes. */
export type OptimizerName = keyof typeof optimizers;

/** An optimizer from its name, or itself. Throws an OptionError for anything else, and for rates of unknown layers. */
export function optimizerOf(value: unknown, layers: readonly string[]): Optimizer {
  let optimizer: Optimizer | undefined;
  if (typeof value === 'object' && value !== null && 'lowering' in value) optimizer = value as Optimizer;
  else if (typeof value === 'string' && Object.hasOwn(optimizers, value)) {
    optimizer = optimizers[value as OptimizerName]();
  }
  if (optimizer === undefined) {
    const names = Object.keys(optimizers).join(', ');
    throw new OptionError(`compile: optimizer must be one of ${names} or made by them, got ${describe(value)}`);
  }
  for (const layer of Object.keys(optimizer.perLayer)) {
    if (!layers.includes(layer)) {
      throw new OptionError(
        `${optimizer.name}: perLayer names layer "${layer}"; layers with weights: ${layers.join(', ')}`,
      );
    }
  }
  return optimizer;
}
