import { checkKnown, oneOf } from '../options.ts';
import { lowerWith, type Loss } from './loss.ts';

/** Options of {@link halfSquaredError}. */
export interface HalfSquaredErrorOptions {
  /** `sum` over the batch (default, the paper's) or its `mean` over the samples. */
  reduction?: 'sum' | 'mean';
}

/**
 * The paper's loss: `E = 1/2 sum_n sum_k (target[n,k] - output[n,k])^2`, summed over the batch, never averaged unless
 * asked for, so gradients grow with the batch and learning rates go with 1 / batchSize. Targets have the output's shape.
 * Source: MODEL eq. 1; gradient `output - target`, eq. 5.
 */
export function halfSquaredError(options: HalfSquaredErrorOptions = {}): Loss {
  checkKnown('halfSquaredError', options, ['reduction']);
  const reduction = oneOf('halfSquaredError', 'reduction', options.reduction ?? 'sum', ['sum', 'mean']);
  const loss: Omit<Loss, 'lower'> = {
    name: 'halfSquaredError',
    config: reduction === 'sum' ? {} : { reduction },
    reduction,
    targetDType: 'float32',
    targetShape: (output) => output,
  };
  return { ...loss, lower: (graph) => lowerWith(loss, 'halfSquaredError', graph, graph.outputs[0]!) };
}
