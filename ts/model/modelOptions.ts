import { isDataset, type InputData, type TargetData } from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { lossOf, type LossName } from '../losses/index.ts';
import type { Loss } from '../losses/loss.ts';
import { describe, isNDArray, type NDArray } from '../ndarray.ts';
import { checkWinograd, type Winograd } from '../ops/winograd.ts';
import { optimizerOf, type OptimizerName } from '../optimizers/index.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { boolean, checkKnown, integer, number, oneOf, seedOf } from '../options.ts';
import type { UpdateOrder } from '../plan/updateOrder.ts';
import { printShape, sizeOf, type Shape } from '../shape.ts';
import type { Compiled } from '../train/session.ts';
import type { MetricName } from '../train/step.ts';
import { Yielder, YIELD_EVERY_MS } from '../train/yield.ts';
import { buildGraph, type Architecture } from './architecture.ts';

/** Options of `sequential`. */
export interface SequentialOptions {
  /** Seed of the initial weights, and of the shuffling in `fit` where that has none; in [0, 2^32). Default 0. */
  seed?: number;
  /** Where it computes; default the engine made by `init()`, looked up when memory is first needed. */
  engine?: Engine;
  /** Default `sequential`. */
  name?: string;
}

/** Options of `model.compile`. */
export interface CompileModelOptions {
  /** A name, or made by `sgd`, `adam` or `adamw`. */
  optimizer: Optimizer | OptimizerName;
  /** A name, or made by `losses.*`. */
  loss: Loss | LossName;
  /** Default none. */
  metrics?: readonly MetricName[];
  /**
   * When layers are updated within a step of `fit`, `trainOnBatch` and `trainOnStagedBatch`; see {@link UpdateOrder}.
   * All but `joint` (default) go with `sgd` without momentum and weight decay.
   */
  updateOrder?: UpdateOrder;
  /**
   * Which of Winograd's algorithms convolutions may take: `auto` (default) whatever is fastest, `f2` only the exact
   * F(2x2,3x3), `false` none. `summary()` shows what was chosen.
   */
  winograd?: Winograd;
}

/** Options of `evaluate`. */
export interface BatchOptions {
  /** Samples per pass. Default 32. */
  batchSize?: number;
  /** Milliseconds of computing after which the event loop gets its turn. Default 16. */
  yieldEvery?: number;
}

/** Options of `predict`. */
export interface PredictOptions extends BatchOptions {
  /** Where to write the outputs, of exactly their number. Default a new array. */
  out?: Float32Array;
}

/** Options of `trainOnBatch` and the other single steps. */
export interface StepOptions {
  /** Throw a DataError when the loss is NaN or infinite, before the step changes anything. Default `true`. */
  stopOnNonFiniteLoss?: boolean;
}

/** {@link SequentialOptions} with defaults, but no engine yet where none was given. */
export function checkSequentialOptions(options: SequentialOptions): {
  name: string;
  seed: number;
  engine: Engine | undefined;
} {
  checkKnown('sequential', options, ['seed', 'engine', 'name']);
  const { seed = 0, engine, name = 'sequential' } = options;
  if (typeof name !== 'string' || name === '') {
    throw new OptionError(`sequential: name must be a non-empty string, got ${describe(name)}`);
  }
  // Not by instanceof: that would make every entry load the glue of the kernels.
  if (engine !== undefined && (typeof engine !== 'object' || engine === null || !('checkLive' in engine))) {
    throw new OptionError(`sequential: engine must be made by init() or createEngine(), got ${describe(engine)}`);
  }
  return { name, seed: seedOf('sequential', seed), engine };
}

/** Checks what `compile` was given against the layers. */
export function compileOptions(options: CompileModelOptions, architecture: Architecture): Compiled {
  checkKnown('compile', options, ['optimizer', 'loss', 'metrics', 'updateOrder', 'winograd']);
  const trained = architecture.layers.filter((layer) => layer.weights.length > 0).map((layer) => layer.name);
  const optimizer = optimizerOf(options.optimizer, trained);
  const loss = lossOf(options.loss);
  const { metrics = [] } = options;
  if (!Array.isArray(metrics)) throw new OptionError(`compile: metrics must be a list, got ${describe(metrics)}`);
  const names = metrics.map((metric) => oneOf<MetricName>('compile', 'metrics', metric, ['accuracy', 'acc']));
  const winograd = checkWinograd('compile', options.winograd);
  loss.lower(buildGraph(architecture, { training: true, fuse: true }));
  const updateOrder = checkUpdateOrder(options.updateOrder ?? 'joint', optimizer);
  return { loss, optimizer, metrics: names, updateOrder, winograd };
}

function checkUpdateOrder(order: unknown, { name, lowering }: Optimizer): UpdateOrder {
  let checked: UpdateOrder;
  if (typeof order === 'object' && order !== null) {
    checkKnown('compile: updateOrder', order, ['block']);
    checked = { block: integer('compile', 'updateOrder.block', (order as { block?: unknown }).block) };
  } else if (order === 'joint' || order === 'sequential' || order === 'gaussSeidel') {
    checked = order;
  } else {
    const known = '"joint", "sequential", "gaussSeidel" or { block: updates }';
    throw new OptionError(`compile: updateOrder must be ${known}, got ${describe(order)}`);
  }
  if (checked !== 'joint' && !lowering.plainDescent) {
    const got = name === 'sgd' ? 'sgd with one of them' : name;
    throw new OptionError(
      `compile: updateOrder ${JSON.stringify(checked)} goes with sgd without momentum and weightDecay, got ${got}`,
    );
  }
  return checked;
}

/** How to go through many samples. */
export interface Batching {
  where: string;
  batchSize: number;
  yielder: Yielder;
}

/** {@link BatchOptions} with defaults. */
export function batching(where: string, options: BatchOptions = {}): Batching {
  checkKnown(where, options, ['batchSize', 'yieldEvery']);
  return {
    where,
    batchSize: integer(where, 'batchSize', options.batchSize ?? 32),
    yielder: new Yielder(number(where, 'yieldEvery', options.yieldEvery ?? YIELD_EVERY_MS, 0)),
  };
}

/** {@link StepOptions} as the check of a loss. */
export function lossCheck(where: string, options: StepOptions): { where: string; stopOnNonFiniteLoss: boolean } {
  checkKnown(where, options, ['stopOnNonFiniteLoss']);
  return { where, stopOnNonFiniteLoss: boolean(where, 'stopOnNonFiniteLoss', options.stopOnNonFiniteLoss ?? true) };
}

/** Where outputs of this shape go: `out`, or a new array. Throws a ShapeError for an `out` of another type or length. */
export function outputArray(where: string, shape: Shape, out?: Float32Array): NDArray<Float32Array> {
  const size = sizeOf(shape);
  const data = out ?? new Float32Array(size);
  if (!(data instanceof Float32Array) || data.length !== size) {
    const got = data instanceof Float32Array ? `one of ${data.length}` : describe(data);
    throw new ShapeError(`${where}: out must be a Float32Array of ${size} for ${printShape(shape)}, got ${got}`);
  }
  return { data, shape };
}

/** `(x, y, options)` for arrays, `(dataset, options)` for a dataset. */
export function splitArguments<Options>(
  x: InputData,
  second: TargetData | Options | undefined,
  third: Options | undefined,
): [TargetData | undefined, Options | undefined] {
  const isTargets = Array.isArray(second) || isNDArray(second);
  if (isDataset(x) && third === undefined && !isTargets) return [undefined, second as Options | undefined];
  return [second as TargetData | undefined, third];
}
