// What goes between a trainer and its thread.
import type { EngineOptions } from '../engine/engineOptions.ts';
import { OptionError } from '../errors.ts';
import type { Inspection } from '../inspect/inspect.ts';
import type { SavedModel } from '../io/savedModel.ts';
import type { SaveTarget } from '../io/storage.ts';
import type { BatchOptions } from '../model/modelOptions.ts';
import { describe, type NDArray } from '../ndarray.ts';
import type { Rates } from '../optimizers/optimizer.ts';
import type { TrainingParams } from '../train/callbacks.ts';
import type { FitOptions } from '../train/fitOptions.ts';
import type { History, HistoryEngine } from '../train/history.ts';
import type { Logs } from '../train/step.ts';
import type { Answer } from './errors.ts';
import type { PackedData } from './pack.ts';

/** A name of something stored; a URL cannot be cloned. */
export type PackedName = string | { url: string };

export function packName(name: string | URL): PackedName {
  return typeof name === 'string' ? name : { url: name.href };
}

export function unpackName(name: PackedName): string | URL {
  return typeof name === 'string' ? name : new URL(name.url);
}

/** A target that the thread writes; none for a function, which the trainer calls. Throws an OptionError for what is neither. */
export function packTarget(where: string, target: SaveTarget): PackedName | undefined {
  if (typeof target === 'function') return undefined;
  if (typeof target === 'string' || target instanceof URL) return packName(target);
  throw new OptionError(`${where}: expected a name, a URL or a function that takes bytes, got ${describe(target)}`);
}

/** What a thread is started with. */
export interface Creation extends Pick<SavedModel, 'model' | 'compiled'> {
  tensors: SavedModel['tensors'] | undefined;
  engine: EngineOptions;
  /** Of {@link lifelineName}, in browsers. */
  lifeline: string | undefined;
}

/** A `fit`, without what cannot be cloned. */
export interface FitRequest {
  /** By which it can be aborted. */
  id: number;
  data: PackedData;
  validation: PackedData | undefined;
  options: Omit<FitOptions, 'callbacks' | 'verbose' | 'signal' | 'validationData' | 'checkpoint' | 'resumeFrom'>;
  /** No target: the trainer is given the bytes. */
  checkpoint: { target: PackedName | undefined; everySteps: number | undefined } | undefined;
  resumeFrom: PackedName | Uint8Array | undefined;
  /** Whether anybody wants to hear of it. */
  watched: boolean;
  /** Milliseconds between two reports of batches. */
  reportEvery: number;
}

/** Hooks that the thread waits for. */
export type AwaitedHook = 'onTrainBegin' | 'onTrainEnd' | 'onEpochBegin' | 'onEpochEnd';

/** What the thread says while it trains. */
export type Report =
  | { kind: 'params'; params: TrainingParams }
  | { kind: 'hook'; hook: AwaitedHook; index: number; logs: Logs | undefined; rates: Rates }
  | { kind: 'batch'; hook: 'onBatchBegin' | 'onBatchEnd'; index: number; logs: Logs | undefined }
  | { kind: 'checkpoint'; bytes: Uint8Array };

/** What it is told in return. */
export interface Reply {
  stop: boolean;
  /** Those of an awaited hook, as callbacks left them. */
  rates?: Rates;
}

/** What the thread does; each call answers with a value or an error. */
export interface TrainerService {
  create: (creation: Creation) => Promise<Answer<HistoryEngine>>;
  fit: (request: FitRequest, report: (report: Report) => Promise<Reply>) => Promise<Answer<History>>;
  /** Ends that `fit` after its current step. */
  abort: (id: number) => void | Promise<void>;
  /** As `model.stopTraining = true`. */
  stop: () => void | Promise<void>;
  evaluate: (data: PackedData, options: BatchOptions) => Promise<Answer<Logs>>;
  predict: (data: PackedData, options: BatchOptions) => Promise<Answer<NDArray<Float32Array>>>;
  inspect: (data: PackedData) => Promise<Answer<Omit<Inspection, 'paper'>>>;
  getWeights: () => Promise<Answer<NDArray<Float32Array>[]>>;
  setWeights: (weights: readonly NDArray<Float32Array>[]) => Promise<Answer<void>>;
  /** The bytes where no target is given. */
  save: (target: PackedName | undefined) => Promise<Answer<Uint8Array | undefined>>;
}
