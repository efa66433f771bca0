import type { Kernel } from './kernel.ts';

interface Attributes {
  /** Parameters of the range. */
  size: number;
}

export const sgdKernels = {
  sgdUpdate: {
    operands: { parameter: 'update', gradient: 'read' },
    bind({ kernels, address, attributes: { size }, learningRate }) {
      const [parameter, gradient] = [address('parameter'), address('gradient')];
      return () => {
        const rate = learningRate();
        // A rate of 0 freezes bit for bit: p - 0 * g would turn an infinite g into NaN.
        if (rate !== 0) kernels.sgd_update(size, rate, parameter, gradient);
      };
    },
  } satisfies Kernel<Attributes>,
};
