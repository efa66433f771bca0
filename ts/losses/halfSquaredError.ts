import { lowerWith, type Loss } from './loss.ts';

/**
 * The paper's loss: `E = 1/2 sum_n sum_k (target[n,k] - output[n,k])^2`, summed over the batch, never averaged, so
 * gradients grow with the batch and learning rates go with 1 / batchSize. Targets have the output's shape.
 * Source: MODEL eq. 1; gradient `output - target`, eq. 5.
 */
export function halfSquaredError(): Loss {
  const loss: Omit<Loss, 'lower'> = {
    name: 'halfSquaredError',
    config: {},
    reduction: 'sum',
    targetDType: 'float32',
    targetShape: (output) => output,
  };
  return { ...loss, lower: (graph) => lowerWith(loss, 'halfSquaredError', graph, graph.outputs[0]!) };
}
