import { fromArrays, toDataset, checkTargets, type Dataset, type InputData, type TargetData } from '../data/dataset.ts';
import { defaultEngine } from '../engine/defaultEngine.ts';
import type { Engine } from '../engine/engine.ts';
import { ShapeError, StateError } from '../errors.ts';
import { inspectBatch, type Inspection } from '../inspect/inspect.ts';
import { lossOf, type LossName } from '../losses/index.ts';
import type { Loss } from '../losses/loss.ts';
import type { NDArray, NestedArray } from '../ndarray.ts';
import { optimizerOf } from '../optimizers/index.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { printShape, sizeOf, type Shape } from '../shape.ts';
import { sequentialOrder, stageBatch } from '../train/batches.ts';
import { evaluateDataset, predictDataset } from '../train/evaluate.ts';
import { runFit } from '../train/fit.ts';
import { planFit, type FitOptions } from '../train/fitOptions.ts';
import type { History } from '../train/history.ts';
import { Session, type Compiled } from '../train/session.ts';
import { computeGradients, Totals, type Logs, type MetricName } from '../train/step.ts';
import { YIELD_EVERY_MS, Yielder } from '../train/yield.ts';
import { buildArchitecture, buildGraph, type Architecture, type LayerInfo } from './architecture.ts';
import { integer, checkKnown, oneOf } from './options.ts';
import type { Layer } from './layer.ts';
import { Parameters } from './parameters.ts';
import { modelToJSON, type ModelJSON } from './serialize.ts';
import { summarize } from './summary.ts';
import { lendViews, type ModelViews } from './views.ts';

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** Seed of the initial weights, and of the shuffling in `fit` where that has none. Default 0. */
  seed?: number;
  /** Where it computes; default the engine made by `init()`, looked up when memory is first needed. */
  engine?: Engine;
  /** Default `sequential`. */
  name?: string;
}

/** Options of `model.compile`. */
export interface CompileModelOptions {
  /** `sgd({...})` or a name. */
  optimizer: Optimizer | 'sgd';
  /** A name, or made by `losses.*`. */
  loss: Loss | LossName;
  /** Default none. */
  metrics?: readonly MetricName[];
}

/** Options of `evaluate` and `predict`. */
export interface BatchOptions {
  /** Samples per pass. Default 32. */
  batchSize?: number;
  /** Milliseconds of computing after which the event loop gets its turn. Default 16. */
  yieldEvery?: number;
}

/** A model that is a chain of layers. Made by {@link sequential}. */
export class Sequential {
  readonly name: string;
  readonly seed: number;
  /** Set to true, e.g. by a callback, ends `fit` after the current step. */
  stopTraining = false;
  readonly #architecture: Architecture;
  readonly #engine: Engine | undefined;
  #parameters: Parameters | undefined;
  #compiled: (Compiled & { metrics: readonly MetricName[] }) | undefined;
  #session: Session | undefined;
  #training = false;
  #disposed = false;

  /** @internal */
  constructor(layers: readonly Layer[], options: SequentialOptions) {
    checkKnown('sequential', options, ['seed', 'engine', 'name']);
    this.seed = integer('sequential', 'seed', options.seed ?? 0, 0);
    this.name = options.name ?? 'sequential';
    this.#engine = options.engine;
    this.#architecture = buildArchitecture(layers);
  }

  /** The layers with names and shapes, without the input. */
  get layers(): readonly LayerInfo[] {
    return this.#architecture.layers;
  }

  /** Shape of one input sample. */
  get inputShape(): Shape {
    return this.#architecture.inputShape;
  }

  /** Shape of one output sample. */
  get outputShape(): Shape {
    return this.#architecture.outputShape;
  }

  /** The optimizer given to `compile`; its rates may be changed between steps. */
  get optimizer(): Optimizer {
    return this.#requireCompiled('optimizer').optimizer;
  }

  /**
   * Sets how the model is trained. Weights stay, what an optimizer kept is dropped. Throws an OptionError for an
   * unknown name, a rate for an unknown layer, or a loss that does not go with the last layer.
   */
  compile(options: CompileModelOptions): void {
    checkKnown('compile', options, ['optimizer', 'loss', 'metrics']);
    this.#checkIdle('compile');
    const trained = this.layers.filter((layer) => layer.weights.length > 0).map((layer) => layer.name);
    const optimizer = optimizerOf(options.optimizer, trained);
    const loss = lossOf(options.loss);
    const metrics = (options.metrics ?? []).map((metric) => oneOf<MetricName>('compile', 'metrics', metric, ['accuracy', 'acc']));
    loss.lower(buildGraph(this.#architecture, { training: true, fuse: true }));
    this.#session?.dispose();
    this.#session = undefined;
    this.#compiled = { optimizer, loss, metrics };
    this.#parameters?.resetOptimizer(optimizer.lowering.slots);
  }

  /**
   * Trains for a number of epochs; see {@link FitOptions}. Resolves with the history. Yields to the event loop between
   * steps. Rejects with a StateError when the model trains already or is disposed meanwhile, with a DataError for bad
   * data or a loss that is no finite number, with a ShapeError for data of another shape, with the signal's reason, or
   * with a callback's error; the model is then as after the last full step.
   */
  async fit(x: Dataset, options?: FitOptions): Promise<History>;
  async fit(x: NDArray | NestedArray, y: TargetData, options?: FitOptions): Promise<History>;
  async fit(x: InputData, second?: TargetData | FitOptions, third?: FitOptions): Promise<History> {
    const [y, options] = splitArguments(x, second, third);
    const { metrics, ...compiled } = this.#requireCompiled('fit');
    this.#checkIdle('fit');
    const plan = planFit(x, y, options ?? {}, {
      xShape: this.inputShape,
      yShape: compiled.loss.targetShape(this.outputShape),
      seed: this.seed,
    });
    const session = this.#requireSession();
    this.#training = true;
    try {
      return await runFit({ model: this, session, compiled, metrics }, plan);
    } finally {
      this.#training = false;
    }
  }

  /** Loss and metrics over all samples. Yields between batches. Throws as `fit` does for bad data. */
  async evaluate(x: Dataset, options?: BatchOptions): Promise<Logs>;
  async evaluate(x: NDArray | NestedArray, y: TargetData, options?: BatchOptions): Promise<Logs>;
  async evaluate(x: InputData, second?: TargetData | BatchOptions, third?: BatchOptions): Promise<Logs> {
    const [y, options] = splitArguments(x, second, third);
    const { metrics, loss } = this.#requireCompiled('evaluate');
    const dataset = toDataset('evaluate', x, y, this.inputShape);
    checkTargets('evaluate', dataset, loss.targetShape(this.outputShape));
    return evaluateDataset(this.#requireSession(), dataset, { ...batching('evaluate', options), loss, metrics });
  }

  /**
   * Outputs `[N, ...outputShape]` for inputs `[N, ...inputShape]`, as a new array, or written to `out`. Yields between
   * batches; during `fit` it sees the weights of the last full step.
   */
  async predict(x: InputData, options: BatchOptions & { out?: Float32Array } = {}): Promise<NDArray<Float32Array>> {
    const { out, ...rest } = options;
    const dataset = toDataset('predict', x, undefined, this.inputShape);
    const result = this.#outputArray('predict', dataset.size, out);
    await predictDataset(this.#requireSession(), dataset, batching('predict', rest), result.data);
    return result;
  }

  /** One training step on a batch, at once. Returns the loss before the update, and the metrics. */
  trainOnBatch(x: NDArray | NestedArray, y: TargetData): Logs {
    const { bound, samples } = this.#stage('trainOnBatch', fromArrays(x, y));
    return this.#step('trainOnBatch', bound, samples, true);
  }

  /** As {@link trainOnBatch} for the first `samples` samples that a callback of {@link views} wrote in place. */
  trainOnStagedBatch(samples: number): Logs {
    return this.#step('trainOnStagedBatch', this.#trainPlan('trainOnStagedBatch', samples), samples, true);
  }

  /** Loss and gradients of a batch, without an update; read or change them with {@link views}. */
  computeGradients(x: NDArray | NestedArray, y: TargetData): Logs {
    const { bound, samples } = this.#stage('computeGradients', fromArrays(x, y));
    return this.#step('computeGradients', bound, samples, false);
  }

  /** Updates the parameters with the gradients as they are. */
  applyGradients(): void {
    this.#trainPlan('applyGradients', 1).update();
  }

  /** Outputs for a batch, at once. */
  predictOnBatch(x: NDArray | NestedArray): NDArray<Float32Array> {
    const dataset = toDataset('predictOnBatch', x, undefined, this.inputShape);
    const result = this.#outputArray('predictOnBatch', dataset.size, undefined);
    const bound = this.#requireSession().plan('predict', Math.max(1, dataset.size));
    stageBatch('predictOnBatch', bound, dataset, sequentialOrder(dataset.size));
    bound.forward(dataset.size);
    result.data.set(bound.f32(bound.plan.outputs[0]!, dataset.size));
    return result;
  }

  /** Every intermediate value, gradient and dE/dx of a batch, without taking a step. See {@link Inspection}. */
  inspect(batch: { x: NDArray | NestedArray; y: TargetData }): Inspection {
    const { loss } = this.#requireCompiled('inspect');
    const dataset = toDataset('inspect', batch.x, batch.y, this.inputShape);
    checkTargets('inspect', dataset, loss.targetShape(this.outputShape));
    return inspectBatch(this.#architecture, this.#requireParameters(), loss, dataset);
  }

  /**
   * Lends `use` typed arrays over the model's own memory, without a copy: flat parameters and gradients, and the staged
   * batch of up to `batchSize` samples. Valid only inside the callback: growth of the memory detaches them.
   */
  views<T>(use: (views: ModelViews) => T, { batchSize }: { batchSize?: number } = {}): T {
    const parameters = this.#requireParameters();
    const bound = batchSize === undefined ? undefined : this.#trainPlan('views', batchSize);
    return lendViews(parameters, bound, use);
  }

  /** All weights in the order of the layers, kernel before bias; copies. */
  getWeights(): NDArray<Float32Array>[] {
    const parameters = this.#requireParameters();
    return parameters.weights.map((weight) => parameters.read(weight, weight.value));
  }

  /** Sets all weights. Throws a ShapeError, with nothing written, unless shapes are those of `getWeights()`. */
  setWeights(weights: readonly NDArray[]): void {
    this.#requireParameters().writeAll(weights);
  }

  /** Prints a table of layers, output shapes, parameters and memory; returns its text. */
  summary(options: { printFn?: (text: string) => void; batchSize?: number } = {}): string {
    const { printFn = (text) => console.log(text), batchSize = 32 } = options;
    const text = summarize(this.name, this.#architecture, integer('summary', 'batchSize', batchSize), this.#compiled);
    printFn(text);
    return text;
  }

  /** The architecture as plain data, without weights; `modelFromJSON` takes it. */
  toJSON(): ModelJSON {
    return modelToJSON(this.name, this.seed, this.#architecture);
  }

  /** Frees the model's memory for reuse. A `fit` under way ends with a StateError, as does every later call. */
  dispose(): void {
    this.#disposed = true;
    this.#session?.dispose();
    this.#parameters?.dispose();
  }

  #requireParameters(): Parameters {
    if (this.#disposed) throw new StateError(`model "${this.name}": disposed`);
    this.#parameters ??= this.#makeParameters();
    this.#parameters.checkLive();
    return this.#parameters;
  }

  #makeParameters(): Parameters {
    const parameters = new Parameters(this.#engine ?? defaultEngine(), this.#architecture, this.seed);
    parameters.resetOptimizer(this.#compiled?.optimizer.lowering.slots ?? 0);
    return parameters;
  }

  #requireSession(): Session {
    const parameters = this.#requireParameters();
    this.#session ??= new Session(this.#architecture, parameters, this.#compiled);
    return this.#session;
  }

  #requireCompiled(method: string): Compiled & { metrics: readonly MetricName[] } {
    if (this.#compiled === undefined) throw new StateError(`${method}: call compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  #checkIdle(method: string): void {
    if (this.#training) throw new StateError(`${method}: the model is in training; await that fit first`);
  }

  #trainPlan(method: string, samples: number): BoundPlan {
    this.#requireCompiled(method);
    this.#checkIdle(method);
    return this.#requireSession().plan('train', integer(method, 'samples', samples));
  }

  #stage(method: string, given: Dataset): { bound: BoundPlan; samples: number } {
    const { loss } = this.#requireCompiled(method);
    const dataset = toDataset(method, given, undefined, this.inputShape);
    checkTargets(method, dataset, loss.targetShape(this.outputShape));
    const bound = this.#trainPlan(method, dataset.size);
    stageBatch(method, bound, dataset, sequentialOrder(dataset.size));
    return { bound, samples: dataset.size };
  }

  #step(method: string, bound: BoundPlan, samples: number, update: boolean): Logs {
    const { loss, metrics } = this.#requireCompiled(method);
    const totals = new Totals();
    computeGradients(bound, samples, totals, metrics.length > 0, { where: method, stopOnNonFiniteLoss: true });
    if (update) bound.update();
    return totals.logs(loss, metrics);
  }

  #outputArray(where: string, samples: number, out: Float32Array | undefined): NDArray<Float32Array> {
    const shape = [samples, ...this.outputShape];
    const data = out ?? new Float32Array(sizeOf(shape));
    if (!(data instanceof Float32Array) || data.length !== sizeOf(shape)) {
      throw new ShapeError(`${where}: out must be a Float32Array of ${sizeOf(shape)} for ${printShape(shape)}, got ${data.length}`);
    }
    return { data, shape };
  }
}

/**
 * A chain of layers. Throws an OptionError or ShapeError naming the layer that does not fit. Needs no engine yet: memory
 * is taken when weights are first needed.
 */
export function sequential(layers: readonly Layer[], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}

function batching(where: string, options: BatchOptions = {}): { where: string; batchSize: number; yielder: Yielder } {
  checkKnown(where, options, ['batchSize', 'yieldEvery']);
  return {
    where,
    batchSize: integer(where, 'batchSize', options.batchSize ?? 32),
    yielder: new Yielder(options.yieldEvery ?? YIELD_EVERY_MS),
  };
}

/** `(x, y, options)` for arrays, `(dataset, options)` for a dataset. */
function splitArguments<O>(x: InputData, second: TargetData | O | undefined, third: O | undefined): [TargetData | undefined, O | undefined] {
  const isOptions = typeof x === 'object' && x !== null && 'readX' in x && third === undefined && !isTargets(second);
  return isOptions ? [undefined, second as O | undefined] : [second as TargetData | undefined, third];
}

function isTargets(value: unknown): boolean {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && 'data' in value);
}
