import type { Kernel } from './kernel.ts';
import type { DescentOptions } from './updateOptions.ts';
import { updating } from './updating.ts';

interface Attributes extends Required<DescentOptions> {
  /** Parameters of the range. */
  size: number;
}

export const sgdMomentumKernels = {
  sgdMomentumUpdate: {
    operands: { parameter: 'update', gradient: 'read', velocity: 'update' },
    bind(binding) {
      const { kernels, address, attributes } = binding;
      const { size, momentum, nesterov, weightDecay } = attributes;
      const [parameter, gradient, velocity] = [address('parameter'), address('gradient'), address('velocity')];
      return updating(binding, (rate) =>
        kernels.sgd_momentum_update(size, rate, momentum, nesterov, weightDecay, parameter, gradient, velocity),
      );
    },
  } satisfies Kernel<Attributes>,
};
