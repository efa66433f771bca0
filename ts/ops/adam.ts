import type { Kernel } from './kernel.ts';
import type { AdamMomentOptions } from './updateOptions.ts';
import { updating } from './updating.ts';

interface Attributes extends Required<AdamMomentOptions> {
  /** Parameters of the range. */
  size: number;
  weightDecay: number;
}

export const adamKernels = {
  adamUpdate: {
    operands: { parameter: 'update', gradient: 'read', firstMoment: 'update', secondMoment: 'update', steps: 'update' },
    bind(binding) {
      const { kernels, address, attributes } = binding;
      const { size, beta1, beta2, epsilon, weightDecay } = attributes;
      const [parameter, gradient] = [address('parameter'), address('gradient')];
      const [first, second, steps] = [address('firstMoment'), address('secondMoment'), address('steps')];
      return updating(binding, (rate) =>
        kernels.adam_update(size, rate, beta1, beta2, epsilon, weightDecay, parameter, gradient, first, second, steps),
      );
    },
  } satisfies Kernel<Attributes>,
};
