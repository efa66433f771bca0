import { boolean, checkKnown } from '../options.ts';
import { logitsOf, lowerWith, type Loss } from './loss.ts';

/** Options of the cross entropies. */
export interface CrossentropyOptions {
  /** `true`: the model ends in logits. Default `false`: it ends in softmax, and the two are computed together. */
  fromLogits?: boolean;
}

/**
 * Mean over the batch of `-sum_k target[k] log softmax(logits)[k]`. Targets `[N, classes]`, one-hot or probabilities.
 * Throws an OptionError when the last layer does not go with `fromLogits`.
 */
export function categoricalCrossentropy(options: CrossentropyOptions = {}): Loss {
  return crossentropy('categoricalCrossentropy', 'softmaxCrossEntropy', options, {
    targetDType: 'float32',
    targetShape: (output) => output,
  });
}

/** As {@link categoricalCrossentropy}, with targets as integer labels `[N]` in `[0, classes)`. */
export function sparseCategoricalCrossentropy(options: CrossentropyOptions = {}): Loss {
  return crossentropy('sparseCategoricalCrossentropy', 'sparseSoftmaxCrossEntropy', options, {
    targetDType: 'int32',
    targetShape: (output) => output.slice(0, -1),
  });
}

function crossentropy(
  name: string,
  kernel: string,
  options: CrossentropyOptions,
  target: Pick<Loss, 'targetDType' | 'targetShape'>,
): Loss {
  checkKnown(name, options, ['fromLogits']);
  const fromLogits = boolean(name, 'fromLogits', options.fromLogits ?? false);
  const loss: Omit<Loss, 'lower'> = { name, config: { fromLogits }, reduction: 'mean', ...target };
  return { ...loss, lower: (graph) => lowerWith(loss, kernel, graph, logitsOf(name, graph, fromLogits)) };
}
