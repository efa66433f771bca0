import type { Dataset } from '../data/dataset.ts';
import type { Loss } from '../losses/loss.ts';
import { outputSize, sequentialOrder, stageBatch } from './batches.ts';
import type { Session } from './session.ts';
import { evaluateStaged, Totals, type Logs, type MetricName } from './step.ts';
import type { Yielder } from './yield.ts';

/** Loss and metrics over a whole dataset, in batches, with the weights as they are at each batch. */
export async function evaluateDataset(
  session: Session,
  dataset: Dataset,
  options: { where: string; batchSize: number; yielder: Yielder; loss: Loss; metrics: readonly MetricName[] },
): Promise<Logs> {
  const totals = new Totals();
  await forEachBatch(session, dataset, { ...options, purpose: 'evaluate' }, (bound, samples) =>
    evaluateStaged(bound, samples, totals, options.metrics.length > 0),
  );
  return totals.logs(options.loss, options.metrics);
}

/** Outputs for a whole dataset, written to `out`. */
export async function predictDataset(
  session: Session,
  dataset: Dataset,
  options: { where: string; batchSize: number; yielder: Yielder },
  out: Float32Array,
): Promise<void> {
  let next = 0;
  await forEachBatch(session, dataset, { ...options, purpose: 'predict' }, (bound, samples) => {
    bound.forward(samples);
    out.set(bound.f32(bound.plan.outputs[0]!, samples), next);
    next += samples * outputSize(bound);
  });
}

async function forEachBatch(
  session: Session,
  dataset: Dataset,
  options: { where: string; batchSize: number; yielder: Yielder; purpose: 'evaluate' | 'predict' },
  run: (bound: ReturnType<Session['plan']>, samples: number) => void,
): Promise<void> {
  const { where, yielder, purpose } = options;
  const order = sequentialOrder(dataset.size);
  const batchSize = Math.min(options.batchSize, dataset.size);
  for (let start = 0; start < order.length; start += batchSize) {
    // Asked for at every batch: another call may have changed the plans while this one yielded.
    const bound = session.plan(purpose, batchSize);
    const indices = order.subarray(start, start + batchSize);
    stageBatch(where, bound, dataset, indices);
    run(bound, indices.length);
    if (yielder.due) await yielder.run();
  }
}
