import type { Kernel } from './kernel.ts';
import { updating } from './updating.ts';

interface Attributes {
  /** Parameters of the range. */
  size: number;
  weightDecay: number;
}

export const sgdKernels = {
  sgdUpdate: {
    operands: { parameter: 'update', gradient: 'read' },
    bind(binding) {
      const { kernels, address, attributes } = binding;
      const { size, weightDecay } = attributes;
      const [parameter, gradient] = [address('parameter'), address('gradient')];
      return updating(binding, (rate) => kernels.sgd_update(size, rate, weightDecay, parameter, gradient));
    },
  } satisfies Kernel<Attributes>,
};
