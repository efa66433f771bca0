import type { Kernel } from './kernel.ts';

interface Attributes {
  /** Outputs or classes per sample. */
  size: number;
  /** `sum`: gradients of the summed loss; `mean`: of the mean over the samples of the call. */
  reduction: 'sum' | 'mean';
}

type Name = 'half_squared_error' | 'softmax_cross_entropy' | 'sparse_softmax_cross_entropy';

/** Forward writes the loss of each sample and returns their sum. */
function forward(name: Name): Kernel<Attributes> {
  return {
    operands: { prediction: 'read', target: 'read', sampleLoss: 'write' },
    bind({ kernels, address, attributes: { size } }) {
      const [prediction, target, sampleLoss] = [address('prediction'), address('target'), address('sampleLoss')];
      const call = `${name}_forward` as const;
      return (samples) => kernels[call](samples, size, prediction, target, sampleLoss);
    },
  };
}

function backward(name: Name): Kernel<Attributes> {
  return {
    operands: { prediction: 'read', target: 'read', gradPrediction: 'write' },
    bind({ kernels, address, attributes: { size, reduction } }) {
      const [prediction, target, grad] = [address('prediction'), address('target'), address('gradPrediction')];
      const call = `${name}_backward` as const;
      return (samples) => kernels[call](samples, size, prediction, target, reduction === 'sum' ? 1 : 1 / samples, grad);
    },
  };
}

export const lossKernels = {
  halfSquaredErrorForward: forward('half_squared_error'),
  halfSquaredErrorBackward: backward('half_squared_error'),
  softmaxCrossEntropyForward: forward('softmax_cross_entropy'),
  softmaxCrossEntropyBackward: backward('softmax_cross_entropy'),
  sparseSoftmaxCrossEntropyForward: forward('sparse_softmax_cross_entropy'),
  sparseSoftmaxCrossEntropyBackward: backward('sparse_softmax_cross_entropy'),
};
