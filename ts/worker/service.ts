import { releaseProxy, transfer, type Remote } from 'comlink';
import { fromArrays, type TargetData } from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineOptions } from '../engine/engineOptions.ts';
import { StateError } from '../errors.ts';
import { compileOptionsFromJSON } from '../io/compiledJSON.ts';
import type { LoadSource } from '../io/storage.ts';
import { modelFromJSON } from '../model/fromJSON.ts';
import type { Sequential } from '../model/sequential.ts';
import type { CheckpointOptions, FitOptions } from '../train/fitOptions.ts';
import { toMessage, type Answer } from './errors.ts';
import { forwardCheckpoints, forwardHooks, type Send } from './forward.ts';
import { buffersIn, type PackedData } from './pack.ts';
import { unpackName, type Creation, type FitRequest, type TrainerService } from './protocol.ts';

/** The service of a thread in an environment: how it makes its engine, and holds its lifeline where there is one. */
export function makeService(
  init: (options: EngineOptions) => Promise<Engine>,
  hold?: (lifeline: string) => Promise<void>,
): TrainerService {
  let made: Sequential | undefined;
  const running = new Map<number, AbortController>();

  function model(): Sequential {
    if (made === undefined) throw new StateError('trainer: there is no model');
    return made;
  }

  async function create({ model: json, compiled, tensors, engine: options, lifeline }: Creation) {
    if (lifeline !== undefined) await hold?.(lifeline);
    const engine = await init(options);
    made = modelFromJSON(json, { engine });
    if (compiled !== undefined) made.compile(compileOptionsFromJSON('createTrainer', compiled));
    if (tensors !== undefined) made.restore('createTrainer', { compiled, tensors });
    const { build, fused, threads } = engine;
    return { build, fused, threads };
  }

  async function fit(request: FitRequest, send: Send) {
    const controller = new AbortController();
    running.set(request.id, controller);
    try {
      const options: FitOptions = { ...request.options, signal: controller.signal };
      if (request.watched) options.callbacks = forwardHooks(send, request.reportEvery);
      if (request.validation !== undefined) options.validationData = asPair(request.validation);
      if (request.checkpoint !== undefined) options.checkpoint = unpackCheckpoint(request.checkpoint, send);
      if (request.resumeFrom !== undefined) options.resumeFrom = unpackSource(request.resumeFrom);
      const { x, y } = request.data;
      return await model().fit(x, y as TargetData, options);
    } finally {
      running.delete(request.id);
    }
  }

  return {
    create: (creation) => answer(() => create(creation)),
    fit: (request, report) =>
      answer(() => fit(request, report)).finally(() => (report as unknown as Remote<Send>)[releaseProxy]()),
    abort: (id) => running.get(id)?.abort(),
    stop() {
      if (made !== undefined) made.stopTraining = true;
    },
    evaluate: ({ x, y }, options) => answer(() => model().evaluate(x, y as TargetData, options)),
    predict: ({ x }, options) => answer(() => model().predict(x, options)),
    inspect: ({ x, y }) => answer(() => model().inspect({ x, y: y as TargetData })),
    getWeights: () => answer(() => model().getWeights()),
    setWeights: (weights) => answer(() => model().setWeights(weights)),
    save: (target) =>
      answer(async () => {
        if (target === undefined) return model().save();
        await model().save(unpackName(target));
        return undefined;
      }),
  };
}

/** A value with all of its arrays, or the error. */
async function answer<T>(make: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    const value = await make();
    return transfer({ value }, buffersIn(value));
  } catch (error) {
    return { error: toMessage(error) };
  }
}

function asPair({ x, y }: PackedData): NonNullable<FitOptions['validationData']> {
  return y === undefined ? fromArrays(x) : [x, y];
}

function unpackCheckpoint(
  { target, everySteps }: NonNullable<FitRequest['checkpoint']>,
  send: Send,
): CheckpointOptions {
  const own = target === undefined ? forwardCheckpoints(send) : unpackName(target);
  return everySteps === undefined ? { target: own } : { target: own, everySteps };
}

function unpackSource(source: NonNullable<FitRequest['resumeFrom']>): LoadSource {
  return source instanceof Uint8Array ? source : unpackName(source);
}
