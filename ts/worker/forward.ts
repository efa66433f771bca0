import { transfer } from 'comlink';
import { ratesOf, restoreRates } from '../optimizers/optimizer.ts';
import type { Callback, TrainingModel } from '../train/callbacks.ts';
import type { Logs } from '../train/step.ts';
import type { AwaitedHook, Reply, Report } from './protocol.ts';

/** Sends a report to the trainer. */
export type Send = (report: Report) => Promise<Reply>;

/**
 * The callback that tells the trainer. Training waits for the hooks of epochs, so that what they do to rates does not hang
 * on time; of batches, it says one every so many milliseconds and does not wait.
 */
export function forwardHooks(send: Send, everyMs: number): Callback {
  let model: TrainingModel;
  let last = -Infinity;
  let reported = false;
  const awaited = async (hook: AwaitedHook, index: number, logs?: Logs): Promise<void> => {
    const { stop, rates } = await send({ kind: 'hook', hook, index, logs, rates: ratesOf(model.optimizer) });
    if (rates !== undefined) restoreRates(model.optimizer, rates);
    if (stop) model.stopTraining = true;
  };
  const post = (report: Report): void => {
    send(report).then(
      ({ stop }) => {
        if (stop) model.stopTraining = true;
      },
      () => {},
    );
  };
  return {
    setParams: (params) => post({ kind: 'params', params }),
    setModel: (training) => (model = training),
    onTrainBegin: (logs) => awaited('onTrainBegin', 0, logs),
    onTrainEnd: (logs) => awaited('onTrainEnd', 0, logs),
    onEpochBegin: (epoch, logs) => awaited('onEpochBegin', epoch, logs),
    onEpochEnd: (epoch, logs) => awaited('onEpochEnd', epoch, logs),
    onBatchBegin(index, logs) {
      const now = performance.now();
      reported = now - last >= everyMs;
      if (!reported) return;
      last = now;
      post({ kind: 'batch', hook: 'onBatchBegin', index, logs });
    },
    onBatchEnd(index, logs) {
      if (reported) post({ kind: 'batch', hook: 'onBatchEnd', index, logs });
    },
  };
}

/** A target of checkpoints that gives the trainer the bytes. */
export function forwardCheckpoints(send: Send): (bytes: Uint8Array) => Promise<void> {
  return async (bytes) => {
    await send(transfer({ kind: 'checkpoint', bytes }, [bytes.buffer as ArrayBuffer]));
  };
}
