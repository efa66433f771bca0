import type { Dataset, InputData, TargetData } from '../data/dataset.ts';
import { toDataset } from '../data/dataset.ts';
import { defaultEngine, defaultEngineIfReady } from '../engine/defaultEngine.ts';
import type { Engine } from '../engine/engine.ts';
import { StateError } from '../errors.ts';
import { checkGradientsOf, type GradientCheck, type GradientCheckOptions } from '../inspect/checkGradients.ts';
import { inspectBatch, type Inspection } from '../inspect/inspect.ts';
import { compiledToJSON } from '../io/compiledJSON.ts';
import { encodeSavedModel, type SavedModel } from '../io/savedModel.ts';
import { resume } from '../io/resume.ts';
import { restore, snapshot } from '../io/snapshot.ts';
import { asBlob, checkTarget, writeTarget, type SaveTarget } from '../io/storage.ts';
import type { NDArray, NestedArray } from '../ndarray.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { checkKnown, integer } from '../options.ts';
import type { BoundPlan } from '../plan/execute.ts';
import type { Shape } from '../shape.ts';
import { checkStaged, sequentialOrder, stageBatch, trainingData, type Samples } from '../train/batches.ts';
import { evaluateDataset, predictDataset } from '../train/evaluate.ts';
import { runFit } from '../train/fit.ts';
import { planFit, type FitOptions } from '../train/fitOptions.ts';
import type { History } from '../train/history.ts';
import { FitProgress } from '../train/position.ts';
import { Session, type Compiled } from '../train/session.ts';
import { computeGradients, Totals, type LossCheck, type Logs } from '../train/step.ts';
import { buildArchitecture, type Architecture, type LayerInfo } from './architecture.ts';
import type { Layer } from './layer.ts';
import {
  batching,
  checkSequentialOptions,
  compileOptions,
  lossCheck,
  outputArray,
  splitArguments,
  type BatchOptions,
  type CompileModelOptions,
  type PredictOptions,
  type SequentialOptions,
  type StepOptions,
} from './modelOptions.ts';
import { modelToJSON, type ModelJSON } from './serialize.ts';
import { summarize } from './summary.ts';
import { lendViews, type ModelViews } from './views.ts';

/** A model that is a chain of layers. Made by {@link sequential}. */
export class Sequential {
  readonly name: string;
  readonly seed: number;
  /** Set to true, e.g. by a callback, ends `fit` after the current step; `fit` then resolves with the history. */
  stopTraining = false;
  readonly #architecture: Architecture;
  readonly #engine: Engine | undefined;
  #compiled: Compiled | undefined;
  #session: Session | undefined;
  /** Of the last `fit` since `compile`. */
  #progress: FitProgress | undefined;
  #training = false;
  #disposed = false;

  /** @internal */
  constructor(layers: readonly Layer[], options: SequentialOptions) {
    const { name, seed, engine } = checkSequentialOptions(options);
    this.name = name;
    this.seed = seed;
    this.#engine = engine;
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
   * unknown name, a rate for an unknown layer, or a loss that does not go with the last layer, and a StateError during
   * `fit`.
   */
  compile(options: CompileModelOptions): void {
    this.#checkIdle('compile');
    this.#compiled = compileOptions(options, this.#architecture);
    this.#progress = undefined;
    this.#session?.compile(this.#compiled);
  }

  /**
   * Trains for a number of epochs; see {@link FitOptions}. Resolves with the history. Yields to the event loop between
   * steps. Rejects with a StateError when the model trains already, or it or its engine is disposed meanwhile, with a
   * DataError for bad data or a loss that is no finite number, with a ShapeError for data of another shape, with the
   * signal's reason, or with a callback's error; the model is then as after the last full step.
   */
  async fit(x: Dataset, options?: FitOptions): Promise<History>;
  async fit(x: NDArray | NestedArray, y: TargetData, options?: FitOptions): Promise<History>;
  async fit(x: InputData, second?: TargetData | FitOptions, third?: FitOptions): Promise<History> {
    const [y, options] = splitArguments(x, second, third);
    const compiled = this.#requireCompiled('fit');
    this.#checkIdle('fit');
    const plan = planFit(x, y, options ?? {}, { ...this.#architecture, seed: this.seed, loss: compiled.loss });
    const session = this.#requireSession();
    const progress = new FitProgress(plan, session.engine);
    this.#training = true;
    try {
      const state = { json: this.toJSON(), session, compiled, progress };
      if (plan.resumeFrom !== undefined) await resume(plan.resumeFrom, state, plan);
      this.#progress = progress;
      return await runFit({ model: this, ...state, encode: () => encodeSavedModel(snapshot(state)) }, plan);
    } finally {
      this.#training = false;
    }
  }

  /** Loss and metrics over all samples. Yields between batches. Throws as `fit` does for bad data. */
  async evaluate(x: Dataset, options?: BatchOptions): Promise<Logs>;
  async evaluate(x: NDArray | NestedArray, y: TargetData, options?: BatchOptions): Promise<Logs>;
  async evaluate(x: InputData, second?: TargetData | BatchOptions, third?: BatchOptions): Promise<Logs> {
    const [y, options] = splitArguments(x, second, third);
    const compiled = this.#requireCompiled('evaluate');
    const samples = trainingData('evaluate', x, y, this.#architecture, compiled.loss);
    return evaluateDataset(this.#requireSession(), samples, compiled, batching('evaluate', options));
  }

  /**
   * Outputs `[N, ...outputShape]` for inputs `[N, ...inputShape]`, as a new array, or written to `out`. Yields between
   * batches; during `fit` it sees the weights of the last full step.
   */
  async predict(x: InputData, options: PredictOptions = {}): Promise<NDArray<Float32Array>> {
    checkKnown('predict', options, ['batchSize', 'yieldEvery', 'out']);
    const { out, ...rest } = options;
    const dataset = toDataset('predict', x, undefined, this.inputShape);
    const result = outputArray('predict', [dataset.size, ...this.outputShape], out);
    await predictDataset(this.#requireSession(), dataset, batching('predict', rest), result.data);
    return result;
  }

  /** One training step on a batch, at once. Returns the loss before the update, and the metrics. */
  trainOnBatch(x: NDArray | NestedArray, y: TargetData, options: StepOptions = {}): Logs {
    const { bound, samples, check } = this.#stage('trainOnBatch', 'train', x, y, options);
    const logs = this.#gradients(bound, samples, check);
    bound.update();
    return logs;
  }

  /**
   * As {@link trainOnBatch}, for the first `samples` samples that a callback of {@link views} wrote in place. Throws a
   * StateError when nothing was written since the model last computed: that overwrites the staged batch.
   */
  trainOnStagedBatch(samples: number, options: StepOptions = {}): Logs {
    const where = 'trainOnStagedBatch';
    const check = lossCheck(where, options);
    this.#requireCompiled(where);
    this.#checkIdle(where);
    const bound = this.#requireSession().takeStaged(where, integer(where, 'samples', samples));
    checkStaged(where, bound, samples);
    const logs = this.#gradients(bound, samples, check);
    bound.update();
    return logs;
  }

  /**
   * Loss and gradients of a batch, without an update; read or change them with {@link views}, then call
   * {@link applyGradients}. `fit` and `trainOnBatch` need not leave gradients in memory.
   */
  computeGradients(x: NDArray | NestedArray, y: TargetData, options: StepOptions = {}): Logs {
    const { bound, samples, check } = this.#stage('computeGradients', 'gradients', x, y, options);
    return this.#gradients(bound, samples, check);
  }

  /** Updates the parameters with the gradients as they are. */
  applyGradients(): void {
    this.#requireCompiled('applyGradients');
    this.#checkIdle('applyGradients');
    this.#requireSession().plan('gradients', 1).update();
  }

  /** Outputs for a batch, at once. */
  predictOnBatch(x: NDArray | NestedArray): NDArray<Float32Array> {
    const dataset = toDataset('predictOnBatch', x, undefined, this.inputShape);
    const result = outputArray('predictOnBatch', [dataset.size, ...this.outputShape]);
    const session = this.#requireSession();
    if (dataset.size === 0) return result;
    const bound = session.plan('predict', dataset.size);
    stageBatch('predictOnBatch', bound, dataset, sequentialOrder(dataset.size));
    bound.forward(dataset.size);
    result.data.set(bound.f32(bound.plan.outputs[0]!, dataset.size));
    return result;
  }

  /** Every intermediate value, gradient and dE/dx of a batch, without taking a step. See {@link Inspection}. */
  inspect(batch: { x: NDArray | NestedArray; y: TargetData }): Inspection {
    checkKnown('inspect', batch, ['x', 'y']);
    const compiled = this.#requireCompiled('inspect');
    const { dataset } = trainingData('inspect', batch.x, batch.y, this.#architecture, compiled.loss);
    return inspectBatch(this.#architecture, this.#requireSession().parameters, compiled, dataset);
  }

  /** @internal What `checkGradients(model, x, y)` does. */
  checkGradients(x: NDArray | NestedArray, y: TargetData, options: GradientCheckOptions): GradientCheck {
    const compiled = this.#requireCompiled('checkGradients');
    const { dataset } = trainingData('checkGradients', x, y, this.#architecture, compiled.loss);
    return checkGradientsOf(this.#architecture, this.#requireSession().parameters, compiled, dataset, options);
  }

  /**
   * Lends `use` typed arrays over the model's own memory, without a copy: flat parameters and gradients, and, given a
   * `batchSize`, the staged batch of that many samples for {@link trainOnStagedBatch}. What `use` changes counts from the
   * next call on. Valid only inside the callback, and only while it calls nothing that may take memory: growth detaches
   * them. On shared memory, as threaded builds have it, a kept view is not detached but goes on showing memory that may
   * by then belong to another model.
   */
  views<T>(use: (views: ModelViews) => T, options: { batchSize?: number } = {}): T {
    checkKnown('views', options, ['batchSize']);
    const { batchSize } = options;
    if (batchSize === undefined) return lendViews(this.#requireSession(), undefined, use);
    this.#requireCompiled('views');
    this.#checkIdle('views');
    return lendViews(this.#requireSession(), integer('views', 'batchSize', batchSize), use);
  }

  /** All weights in the order of the layers, kernel before bias; copies. */
  getWeights(): NDArray<Float32Array>[] {
    const { parameters } = this.#requireSession();
    return parameters.weights.map((weight) => parameters.read(weight, weight.value));
  }

  /** Sets all weights. Throws, with nothing written, unless types and shapes are those of `getWeights()`. */
  setWeights(weights: readonly NDArray<Float32Array>[]): void {
    this.#requireSession().parameters.writeAll(weights);
  }

  /**
   * Prints a table of layers, output shapes and parameters, the peak of the memory for a batch (default 32), and how
   * convolutions are computed; returns its text. Algorithms and scratch memory are known once an engine is there.
   */
  summary(options: { printFn?: (text: string) => void; batchSize?: number } = {}): string {
    checkKnown('summary', options, ['printFn', 'batchSize']);
    // eslint-disable-next-line no-console -- to print is what it is for
    const { printFn = (text) => console.log(text), batchSize = 32 } = options;
    const text = summarize(this.name, this.#architecture, {
      batchSize: integer('summary', 'batchSize', batchSize),
      compiled: this.#compiled,
      engine: this.#engine ?? defaultEngineIfReady(),
    });
    printFn(text);
    return text;
  }

  /** The architecture as plain data, without weights; `modelFromJSON` takes it. */
  toJSON(): ModelJSON {
    return modelToJSON(this.name, this.seed, this.#architecture);
  }

  /**
   * Saves the model as it is now, between two steps: layers, weights, how it was compiled, what the optimizer keeps, and
   * where its last `fit` stands, as a safetensors file that `loadModel` and `fit({ resumeFrom })` take. `bytes` (default)
   * and `blob` resolve with it; else see {@link SaveTarget}. Rejects with an OptionError for what is no target, and with
   * a StateError when it cannot be written.
   */
  async save(target?: 'bytes'): Promise<Uint8Array>;
  async save(target: 'blob'): Promise<Blob>;
  async save(target: SaveTarget): Promise<void>;
  async save(target: SaveTarget = 'bytes'): Promise<Uint8Array | Blob | void> {
    if (target !== 'bytes' && target !== 'blob') checkTarget('save', target);
    const bytes = encodeSavedModel(this.snapshot());
    if (target === 'bytes') return bytes;
    if (target === 'blob') return asBlob(bytes);
    return writeTarget('save', target, bytes);
  }

  /**
   * What `save` writes.
   * @internal
   */
  snapshot(): SavedModel {
    const session = this.#requireSession();
    return snapshot({ json: this.toJSON(), session, compiled: this.#compiled, progress: this.#progress });
  }

  /**
   * As {@link snapshot}, on an engine or not: without tensors where there are none yet.
   * @internal
   */
  outline(): Pick<SavedModel, 'model' | 'compiled'> & { tensors: SavedModel['tensors'] | undefined } {
    if (this.#disposed || this.#session !== undefined) return this.snapshot();
    const compiled = this.#compiled && compiledToJSON(this.#compiled);
    return { model: this.toJSON(), compiled, tensors: undefined };
  }

  /**
   * Takes over weights, rates and what the optimizer keeps; `where` names their origin. Nothing is written on an error.
   * @internal
   */
  restore(where: string, saved: Pick<SavedModel, 'compiled' | 'tensors'>): void {
    this.#checkIdle('restore');
    restore(where, this.#requireSession(), saved);
  }

  /** Frees the model's memory for reuse. A `fit` under way ends with a StateError, as does every later call. */
  dispose(): void {
    this.#disposed = true;
    this.#session?.dispose();
  }

  /** Memory is taken when it is first needed. */
  #requireSession(): Session {
    const where = `model "${this.name}"`;
    if (this.#disposed) throw new StateError(`${where}: disposed`);
    if (this.#session === undefined) {
      this.#session = new Session(where, this.#engine ?? defaultEngine(), this.#architecture, this.seed);
      if (this.#compiled !== undefined) this.#session.compile(this.#compiled);
    }
    this.#session.checkLive();
    return this.#session;
  }

  #requireCompiled(method: string): Compiled {
    if (this.#compiled === undefined) throw new StateError(`${method}: call compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  #checkIdle(method: string): void {
    if (this.#training) throw new StateError(`${method}: the model is in training; await that fit first`);
  }

  #stage(
    where: string,
    purpose: 'train' | 'gradients',
    x: NDArray | NestedArray,
    y: TargetData,
    options: StepOptions,
  ): { bound: BoundPlan; samples: number; check: LossCheck } {
    const check = lossCheck(where, options);
    this.#checkIdle(where);
    const { dataset, end }: Samples = trainingData(where, x, y, this.#architecture, this.#requireCompiled(where).loss);
    const bound = this.#requireSession().plan(purpose, end);
    stageBatch(where, bound, dataset, sequentialOrder(end));
    return { bound, samples: end, check };
  }

  #gradients(bound: BoundPlan, samples: number, check: LossCheck): Logs {
    const compiled = this.#requireCompiled(check.where);
    const totals = new Totals();
    computeGradients(bound, samples, totals, compiled.metrics.length > 0, check);
    return totals.logs(compiled);
  }
}

/**
 * A chain of layers. Throws an OptionError or ShapeError naming the layer that does not fit. Needs no engine yet: memory
 * is taken when weights are first needed.
 */
export function sequential(layers: readonly Layer[], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}
