import { DataError } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { countCorrect } from './batches.ts';

/** Metrics that `compile({ metrics })` takes. `acc` is TensorFlow.js' short name of `accuracy`. */
export type MetricName = 'accuracy' | 'acc';

/** Loss and metrics by name. */
export type Logs = Record<string, number>;

/** Sums over samples, from which loss and metrics of any number of batches follow. */
export class Totals {
  samples = 0;
  loss = 0;
  correct = 0;

  add(samples: number, loss: number, correct: number): void {
    this.samples += samples;
    this.loss += loss;
    this.correct += correct;
  }

  /** Loss summed over all samples where it is a sum, else the mean over samples, so that a short batch counts less. */
  logs({ loss, metrics }: { loss: Loss; metrics: readonly MetricName[] }): Logs {
    const logs: Logs = { loss: loss.reduction === 'sum' ? this.loss : this.loss / this.samples };
    for (const metric of metrics) logs[metric] = this.correct / this.samples;
    return logs;
  }
}

/** What happens with a loss that is NaN or infinite. */
export interface LossCheck {
  where: string;
  /** `false`: training goes on. */
  stopOnNonFiniteLoss: boolean;
}

/**
 * Forward, loss and backward over the staged batch; adds to `totals`. Throws a DataError for a loss that is no finite
 * number, before the backward pass, so that parameters and gradients stay as they were.
 */
export function computeGradients(
  bound: BoundPlan,
  samples: number,
  totals: Totals,
  withMetrics: boolean,
  check: LossCheck,
): void {
  evaluateStaged(bound, samples, totals, withMetrics, check);
  bound.backward(samples);
}

/** Forward and loss over the staged batch; adds to `totals`. */
export function evaluateStaged(
  bound: BoundPlan,
  samples: number,
  totals: Totals,
  withMetrics: boolean,
  check?: LossCheck,
): void {
  bound.forward(samples);
  const loss = bound.loss(samples);
  if (check?.stopOnNonFiniteLoss && !Number.isFinite(loss)) {
    throw new DataError(
      `${check.where}: the loss is ${loss}; the weights are those from before this step. ` +
        'A smaller learningRate or scaled inputs may help',
    );
  }
  totals.add(samples, loss, withMetrics ? countCorrect(bound, samples) : 0);
}
