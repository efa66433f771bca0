import { shuffledIndices } from '../data/shuffle.ts';
import { writeTarget } from '../io/storage.ts';
import { ratesOf, restoreRates } from '../optimizers/optimizer.ts';
import { throwIfAborted } from './abort.ts';
import { sequentialOrder, stageBatch } from './batches.ts';
import { callHook, type TrainingModel } from './callbacks.ts';
import { evaluateDataset } from './evaluate.ts';
import type { FitPlan } from './fitOptions.ts';
import type { History } from './history.ts';
import { shuffleStream, type FitProgress } from './position.ts';
import type { Compiled, Session } from './session.ts';
import { computeGradients, Totals, type Logs } from './step.ts';
import { Yielder } from './yield.ts';

/** What `fit` trains. */
export interface Training {
  model: TrainingModel;
  session: Session;
  compiled: Compiled;
  progress: FitProgress;
  /** The model as a file. */
  encode: () => Uint8Array;
}

/** The training loop. Between two steps the model is whole: whatever ends it leaves it as after the last full step. */
export async function runFit(training: Training, plan: FitPlan): Promise<History> {
  try {
    return await runEpochs(training, plan);
  } finally {
    for (const callback of plan.callbacks) callback.onTrainSettled?.();
  }
}

async function runEpochs(training: Training, plan: FitPlan): Promise<History> {
  const { model, session, compiled } = training;
  const { callbacks, validation } = plan;
  const samples = plan.train.end;
  const metrics = ['loss', ...compiled.metrics];
  const params = {
    epochs: plan.epochs,
    samples,
    batchSize: plan.batchSize,
    steps: Math.ceil(samples / plan.batchSize),
    metrics: validation === undefined ? metrics : [...metrics, ...metrics.map((name) => `val_${name}`)],
  };
  for (const callback of callbacks) {
    callback.setParams?.(params);
    callback.setModel?.(model);
  }
  const { progress } = training;
  const yielder = new Yielder(plan.yieldEvery);
  model.stopTraining = false;
  checkGoesOn(training, plan);
  const rates = ratesOf(compiled.optimizer);
  await callHook(callbacks, 'onTrainBegin', 0);
  // Resumed, what callbacks do to the rates at a beginning is in them already.
  if (plan.resumeFrom !== undefined) restoreRates(compiled.optimizer, rates);
  let logs: Logs = {};
  let { history } = progress;
  while (progress.epoch < plan.epochs && !model.stopTraining) {
    const { epoch, begun } = progress;
    await callHook(callbacks, 'onEpochBegin', epoch);
    if (begun) restoreRates(compiled.optimizer, rates);
    progress.begun = true;
    // Stopped before its first step, an epoch has nothing to report.
    if (model.stopTraining) break;
    logs = await trainEpoch(training, plan, yielder);
    if (validation !== undefined) {
      const batching = { where: validation.where, batchSize: plan.batchSize, yielder };
      const results = await evaluateDataset(session, validation.samples, compiled, batching, plan.signal);
      for (const [name, value] of Object.entries(results)) logs[`val_${name}`] = value;
    }
    history = progress.endEpoch(logs);
    await callHook(callbacks, 'onEpochEnd', epoch, logs);
    checkGoesOn(training, plan);
  }
  await callHook(callbacks, 'onTrainEnd', 0, logs);
  return history;
}

/** Between two steps: throws the signal's reason when it was aborted, and a StateError when the model is gone. */
function checkGoesOn({ session }: Training, { signal }: FitPlan): void {
  if (signal !== undefined) throwIfAborted(signal);
  session.checkLive();
}

/** The steps of an epoch, or those that are left of it. */
async function trainEpoch(training: Training, plan: FitPlan, yielder: Yielder): Promise<Logs> {
  const { model, session, compiled, progress } = training;
  const { callbacks } = plan;
  const { dataset, end } = plan.train;
  const check = { where: 'fit', stopOnNonFiniteLoss: plan.stopOnNonFiniteLoss };
  const withMetrics = compiled.metrics.length > 0;
  const order = plan.shuffle ? shuffledIndices(end, plan.seed, shuffleStream(progress.epoch)) : sequentialOrder(end);
  const batchSize = Math.min(plan.batchSize, end);
  const { totals } = progress;
  const before = totals.samples;
  const started = performance.now();
  while (progress.batch * batchSize < end && !model.stopTraining) {
    const { batch } = progress;
    if (callbacks.length > 0) await callHook(callbacks, 'onBatchBegin', batch);
    const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
    const bound = session.plan('train', batchSize);
    stageBatch('fit', bound, dataset, indices);
    const own = new Totals();
    computeGradients(bound, indices.length, own, withMetrics, check);
    bound.update();
    totals.add(own.samples, own.loss, own.correct);
    progress.batch++;
    if (callbacks.length > 0) {
      await callHook(callbacks, 'onBatchEnd', batch, { batch, size: indices.length, ...own.logs(compiled) });
    }
    checkGoesOn(training, plan);
    if (isCheckpoint(progress, plan)) {
      await writeTarget('fit: checkpoint', plan.checkpoint!.target, training.encode());
      checkGoesOn(training, plan);
    }
    if (yielder.due) {
      await yielder.run();
      checkGoesOn(training, plan);
    }
  }
  // A clock may stand still for a whole epoch of a tiny model.
  const seconds = Math.max(performance.now() - started, 0.001) / 1000;
  return { ...totals.logs(compiled), samplesPerSecond: (totals.samples - before) / seconds };
}

/** Whether the model is to be saved after this step. */
function isCheckpoint({ epoch, batch }: FitProgress, { checkpoint, train, batchSize }: FitPlan): boolean {
  if (checkpoint === undefined) return false;
  return (epoch * Math.ceil(train.end / batchSize) + batch) % checkpoint.everySteps === 0;
}
