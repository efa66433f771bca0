import { shuffledOrder, sequentialOrder, stageBatch } from './batches.ts';
import { callHook, consoleLogger, type Callback, type TrainingModel } from './callbacks.ts';
import { evaluateDataset } from './evaluate.ts';
import type { FitPlan } from './fitOptions.ts';
import { newHistory, recordEpoch, type History } from './history.ts';
import type { Compiled, Session } from './session.ts';
import { computeGradients, Totals, type Logs, type MetricName } from './step.ts';
import { Yielder } from './yield.ts';

/** What `fit` trains. */
export interface Training {
  model: TrainingModel;
  session: Session;
  compiled: Compiled;
  metrics: readonly MetricName[];
}

/** The training loop. Between two steps the model is whole: whatever ends it leaves it as after the last full step. */
export async function runFit(training: Training, plan: FitPlan): Promise<History> {
  const { model, metrics } = training;
  const callbacks = plan.verbose > 0 ? [...plan.callbacks, consoleLogger()] : plan.callbacks;
  const params = {
    epochs: plan.epochs,
    samples: plan.train.size,
    batchSize: plan.batchSize,
    steps: Math.ceil(plan.train.size / plan.batchSize),
    metrics: ['loss', ...metrics].flatMap((name) => (plan.validation === undefined ? name : [name, `val_${name}`])),
  };
  for (const callback of callbacks) {
    callback.setParams?.(params);
    callback.setModel?.(model);
  }
  const history = newHistory();
  const yielder = new Yielder(plan.yieldEvery);
  model.stopTraining = false;
  plan.signal?.throwIfAborted();
  await callHook(callbacks, 'onTrainBegin', 0);
  for (let epoch = 0; epoch < plan.epochs && !model.stopTraining; epoch++) {
    await callHook(callbacks, 'onEpochBegin', epoch);
    const logs = await trainEpoch(training, plan, epoch, callbacks, yielder);
    if (plan.validation !== undefined) {
      const options = { where: 'fit: validationData', batchSize: plan.batchSize, yielder };
      const results = await evaluateDataset(training.session, plan.validation, { ...options, ...training.compiled, metrics });
      for (const [name, value] of Object.entries(results)) logs[`val_${name}`] = value;
    }
    recordEpoch(history, epoch, logs);
    await callHook(callbacks, 'onEpochEnd', epoch, logs);
    plan.signal?.throwIfAborted();
  }
  await callHook(callbacks, 'onTrainEnd', 0);
  return history;
}

async function trainEpoch(
  { model, session, compiled, metrics }: Training,
  plan: FitPlan,
  epoch: number,
  callbacks: readonly Callback[],
  yielder: Yielder,
): Promise<Logs> {
  const { train, signal } = plan;
  const check = { where: 'fit', stopOnNonFiniteLoss: plan.stopOnNonFiniteLoss };
  const order = plan.shuffle ? shuffledOrder(train.size, plan.seed, epoch) : sequentialOrder(train.size);
  const batchSize = Math.min(plan.batchSize, train.size);
  const totals = new Totals();
  const started = performance.now();
  for (let batch = 0; batch * batchSize < order.length && !model.stopTraining; batch++) {
    if (callbacks.length > 0) await callHook(callbacks, 'onBatchBegin', batch);
    const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
    const bound = session.plan('train', batchSize);
    stageBatch('fit', bound, train, indices);
    const own = new Totals();
    computeGradients(bound, indices.length, own, metrics.length > 0, check);
    bound.update();
    totals.add(own.samples, own.loss, own.correct);
    if (callbacks.length > 0) {
      const logs = { batch, size: indices.length, ...own.logs(compiled.loss, metrics) };
      await callHook(callbacks, 'onBatchEnd', batch, logs);
    }
    signal?.throwIfAborted();
    if (yielder.due) {
      await yielder.run();
      signal?.throwIfAborted();
    }
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...totals.logs(compiled.loss, metrics), samplesPerSecond: totals.samples / seconds };
}
