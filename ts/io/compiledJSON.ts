import { DataError } from '../errors.ts';
import { losses, type LossName } from '../losses/index.ts';
import type { Loss } from '../losses/loss.ts';
import type { CompileModelOptions } from '../model/modelOptions.ts';
import { optimizers, type OptimizerName } from '../optimizers/index.ts';
import { ratesOf, type Rates } from '../optimizers/optimizer.ts';
import type { Winograd } from '../ops/winograd.ts';
import type { UpdateOrder } from '../plan/updateOrder.ts';
import type { Compiled } from '../train/session.ts';
import type { MetricName } from '../train/step.ts';

/** What `compile` was given, as plain data. */
export interface CompiledJSON {
  optimizer: { name: string; config: Readonly<Record<string, unknown>> };
  /** The optimizer's rates as they are now; `fit` and its callbacks may change them. */
  rates: Rates;
  loss: { name: string; config: Readonly<Record<string, unknown>> };
  metrics: readonly MetricName[];
  updateOrder: UpdateOrder;
  winograd: Winograd;
}

export function compiledToJSON({ optimizer, loss, metrics, updateOrder, winograd }: Compiled): CompiledJSON {
  return {
    optimizer: { name: optimizer.name, config: optimizer.config },
    rates: ratesOf(optimizer),
    loss: { name: loss.name, config: loss.config },
    metrics,
    updateOrder: updateOrder ?? 'joint',
    winograd: winograd ?? 'auto',
  };
}

/** The options of `compile` again. Throws a DataError for names that are not known. */
export function compileOptionsFromJSON(where: string, json: CompiledJSON): CompileModelOptions {
  const { optimizer, rates, loss, metrics, updateOrder, winograd } = json;
  const makeOptimizer = factoryOf(`${where}: optimizer`, optimizers, optimizer.name as OptimizerName);
  const makeLoss = factoryOf(`${where}: loss`, losses, loss.name as LossName) as (options: object) => Loss;
  return {
    optimizer: makeOptimizer({ ...optimizer.config, ...rates }),
    loss: makeLoss(loss.config),
    metrics,
    updateOrder,
    winograd,
  };
}

function factoryOf<Factories extends object, Name extends keyof Factories & string>(
  where: string,
  factories: Factories,
  name: Name,
): Factories[Name] {
  if (!Object.hasOwn(factories, name)) {
    throw new DataError(`${where} is "${name}"; known: ${Object.keys(factories).join(', ')}`);
  }
  return factories[name];
}
