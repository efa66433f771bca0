import type { Kernel } from './kernel.ts';

interface Attributes {
  /** Elements per sample. */
  size: number;
}

export const elementwiseKernels = {
  add: {
    operands: { a: 'read', b: 'read', output: 'write' },
    bind({ kernels, address, attributes: { size } }) {
      const [a, b, output] = [address('a'), address('b'), address('output')];
      return (samples) => kernels.add(samples * size, a, b, output);
    },
  } satisfies Kernel<Attributes>,

  addInto: {
    operands: { source: 'read', target: 'update' },
    bind({ kernels, address, attributes: { size } }) {
      const [source, target] = [address('source'), address('target')];
      return (samples) => kernels.add_into(samples * size, source, target);
    },
  } satisfies Kernel<Attributes>,
};
