import { transfer } from 'comlink';
import type { Dataset, InputData, TargetData } from '../data/dataset.ts';
import type { EngineOptions } from '../engine/engineOptions.ts';
import { sendableSource } from '../engine/wasmSource.ts';
import { OptionError, StateError } from '../errors.ts';
import type { Inspection } from '../inspect/inspect.ts';
import { asBlob, type SaveTarget } from '../io/storage.ts';
import { outputArray, splitArguments, type BatchOptions, type PredictOptions } from '../model/modelOptions.ts';
import type { Sequential } from '../model/sequential.ts';
import { describe, type NDArray, type NestedArray } from '../ndarray.ts';
import { boolean } from '../options.ts';
import { withPaperValues } from '../presets/paperValues.ts';
import type { FitOptions } from '../train/fitOptions.ts';
import type { History, HistoryEngine } from '../train/history.ts';
import type { Logs } from '../train/step.ts';
import { runFit } from './fit.ts';
import { Link, type StartThread } from './link.ts';
import { Transfers } from './pack.ts';
import { packTarget } from './protocol.ts';

/** Options of every call of a {@link Trainer} that is given arrays. */
export interface TransferOptions {
  /** Give the arrays away instead of copying them: they are empty here afterwards. Default `false`. */
  transfer?: boolean;
}

/** Options of `trainer.fit`. */
export interface TrainerFitOptions extends FitOptions, TransferOptions {
  /**
   * Milliseconds between two batches that callbacks are told of; the hooks of batches in between are not called. Those of
   * epochs all are, and training waits for them. Default 50.
   */
  reportEvery?: number;
}

/**
 * A model in a thread of its own, with the methods of {@link Sequential}, all of them asynchronous. Made by
 * {@link createTrainer}. Errors are those of the model, of the same classes. When the thread dies, what is pending and
 * every later call reject with a StateError.
 */
export class Trainer {
  /** What computes there. */
  readonly engine: HistoryEngine;
  readonly #model: Sequential;
  readonly #link: Link;

  /** @internal */
  constructor(model: Sequential, link: Link, engine: HistoryEngine) {
    this.engine = engine;
    this.#model = model;
    this.#link = link;
  }

  /**
   * As `model.fit`. Callbacks are called here: hooks of epochs may change the rates of the model's optimizer and stop
   * training; hooks of batches may only stop it, and are called for some of them (`reportEvery`). A dataset is read as a
   * whole; one that has to seek is refused with an OptionError. A checkpoint's path or `indexeddb://` name is written by
   * the thread, and outlives it.
   */
  async fit(x: Dataset, options?: TrainerFitOptions): Promise<History>;
  async fit(x: NDArray | NestedArray, y: TargetData, options?: TrainerFitOptions): Promise<History>;
  async fit(x: InputData, second?: TargetData | TrainerFitOptions, third?: TrainerFitOptions): Promise<History> {
    const [y, options] = splitArguments(x, second, third);
    return runFit(this.#link, this.#model, x, y, options ?? {});
  }

  /** Ends `fit` after its current step, as `model.stopTraining = true` does. */
  stop(): void {
    void this.#link.service.stop();
  }

  /** As `model.evaluate`. */
  async evaluate(x: Dataset, options?: BatchOptions & TransferOptions): Promise<Logs>;
  async evaluate(x: NDArray | NestedArray, y: TargetData, options?: BatchOptions & TransferOptions): Promise<Logs>;
  async evaluate(
    x: InputData,
    second?: TargetData | (BatchOptions & TransferOptions),
    third?: BatchOptions & TransferOptions,
  ): Promise<Logs> {
    const [y, options] = splitArguments(x, second, third);
    const [transfers, rest] = transfersOf('evaluate', options);
    const data = transfers.data('evaluate', x, y);
    return this.#link.call('evaluate', ({ evaluate }) => evaluate(transfer(data, transfers.list), rest));
  }

  /** As `model.predict`. */
  async predict(x: InputData, options?: PredictOptions & TransferOptions): Promise<NDArray<Float32Array>> {
    const [transfers, { out, ...rest }] = transfersOf<PredictOptions>('predict', options);
    const data = transfers.data('predict', x, undefined);
    const result = await this.#link.call('predict', ({ predict }) => predict(transfer(data, transfers.list), rest));
    if (out === undefined) return result;
    const own = outputArray('predict', result.shape, out);
    own.data.set(result.data);
    return own;
  }

  /** As `model.inspect`. */
  async inspect(batch: { x: NDArray | NestedArray; y: TargetData }, options?: TransferOptions): Promise<Inspection> {
    const [transfers] = transfersOf('inspect', options);
    const data = transfers.data('inspect', batch.x, batch.y);
    const values = await this.#link.call('inspect', ({ inspect }) => inspect(transfer(data, transfers.list)));
    return withPaperValues(this.#model.layers, values);
  }

  /** As `model.getWeights`. `model.setWeights(await trainer.getWeights())` takes them over here. */
  async getWeights(): Promise<NDArray<Float32Array>[]> {
    return this.#link.call('getWeights', ({ getWeights }) => getWeights());
  }

  /** As `model.setWeights`. */
  async setWeights(weights: readonly NDArray<Float32Array>[]): Promise<void> {
    return this.#link.call('setWeights', ({ setWeights }) => setWeights(weights));
  }

  /** As `model.save`; names are written by the thread. */
  async save(target?: 'bytes'): Promise<Uint8Array>;
  async save(target: 'blob'): Promise<Blob>;
  async save(target: SaveTarget): Promise<void>;
  async save(target: SaveTarget = 'bytes'): Promise<Uint8Array | Blob | void> {
    const written = target === 'bytes' || target === 'blob' ? undefined : packTarget('save', target);
    const bytes = await this.#link.call('save', ({ save }) => save(written));
    if (target === 'bytes') return bytes!;
    if (target === 'blob') return asBlob(bytes!);
    if (typeof target === 'function') return target(bytes!);
  }

  /** Ends the thread. What is pending rejects with a StateError. */
  dispose(): void {
    this.#link.dispose();
  }
}

/** Makes trainers in an environment. `base`: what URLs are relative to here, where a thread has another base. */
export async function makeTrainer(
  start: StartThread,
  model: Sequential,
  options: EngineOptions,
  base?: string,
): Promise<Trainer> {
  if (typeof model !== 'object' || model === null || !('outline' in model)) {
    throw new OptionError(`createTrainer: expected a model made by sequential(), got ${describe(model)}`);
  }
  const engine = await packEngine(options, base);
  const outline = model.outline();
  const link = await Link.start(start).catch((cause: unknown) => {
    throw new StateError(`createTrainer: the thread could not be started: ${String(cause)}`, { cause });
  });
  const { lifeline } = link;
  try {
    const creation = { ...outline, engine, lifeline: lifeline?.name };
    const made = await link.call('createTrainer', ({ create }) => create(creation));
    lifeline?.watch();
    return new Trainer(model, link, made);
  } catch (error) {
    link.dispose();
    throw error;
  }
}

/** Engine options that can be cloned. */
async function packEngine(options: EngineOptions, base: string | undefined): Promise<EngineOptions> {
  const { wasm } = options;
  return wasm === undefined ? options : { ...options, wasm: await sendableSource('createTrainer', wasm, base) };
}

/** What a call takes along, and its other options. */
function transfersOf<Options extends object>(
  where: string,
  options: (Options & TransferOptions) | undefined,
): [Transfers, Omit<Options, 'transfer'>] {
  const { transfer: callers = false, ...rest } = options ?? ({} as Options & TransferOptions);
  return [new Transfers(boolean(where, 'transfer', callers)), rest];
}
