import type { Dataset } from '../data/dataset.ts';
import { StateError } from '../errors.ts';
import type { Batching } from '../model/modelOptions.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { throwIfAborted } from './abort.ts';
import { countUp, outputSize, stageBatch, type Samples } from './batches.ts';
import type { Compiled, Purpose, Session } from './session.ts';
import { evaluateStaged, Totals, type Logs } from './step.ts';

/** Loss and metrics over samples, in batches, with the weights as they are at each batch. */
export async function evaluateDataset(
  session: Session,
  samples: Samples,
  compiled: Compiled,
  batching: Batching,
  signal?: AbortSignal,
): Promise<Logs> {
  const totals = new Totals();
  const check = (): void => {
    if (signal !== undefined) throwIfAborted(signal);
    if (session.compiled !== compiled) throw new StateError(`${batching.where}: the model was compiled anew meanwhile`);
  };
  const pass = { purpose: 'evaluate' as const, session, samples, check };
  await forEachBatch(pass, batching, (bound, count) =>
    evaluateStaged(bound, count, totals, compiled.metrics.length > 0),
  );
  return totals.logs(compiled);
}

/** Outputs for a whole dataset, written to `out`. */
export async function predictDataset(
  session: Session,
  dataset: Dataset,
  batching: Batching,
  out: Float32Array,
): Promise<void> {
  let next = 0;
  const pass = { purpose: 'predict' as const, session, samples: { dataset, start: 0, end: dataset.size } };
  await forEachBatch(pass, batching, (bound, count) => {
    bound.forward(count);
    out.set(bound.f32(bound.plan.outputs[0]!, count), next);
    next += count * outputSize(bound);
  });
}

/** What {@link forEachBatch} goes through; `check` may throw before each batch. */
interface Pass {
  purpose: Purpose;
  session: Session;
  samples: { dataset: Dataset; start: number; end: number };
  check?: () => void;
}

async function forEachBatch(
  { purpose, session, samples: { dataset, start, end }, check }: Pass,
  { where, yielder, ...batching }: Batching,
  run: (bound: BoundPlan, count: number) => void,
): Promise<void> {
  const batchSize = Math.min(batching.batchSize, end - start);
  for (let next = start; next < end; next += batchSize) {
    check?.();
    // Asked for at every batch: another call may have changed the plans while this one yielded.
    const bound = session.plan(purpose, batchSize);
    const indices = countUp(new Uint32Array(Math.min(batchSize, end - next)), next);
    stageBatch(where, bound, dataset, indices);
    run(bound, indices.length);
    if (yielder.due) await yielder.run();
  }
}
