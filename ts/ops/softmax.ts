import type { Kernel } from './kernel.ts';

interface Attributes {
  /** Rows per sample. */
  rows: number;
  columns: number;
}

export const softmaxKernels = {
  softmaxForward: {
    operands: { input: 'read', output: 'write' },
    bind({ kernels, address, attributes: { rows, columns } }) {
      const [input, output] = [address('input'), address('output')];
      return (samples) => kernels.softmax_forward(samples * rows, columns, input, output);
    },
  } satisfies Kernel<Attributes>,

  softmaxBackward: {
    operands: { output: 'read', gradOutput: 'read', gradInput: 'write' },
    bind({ kernels, address, attributes: { rows, columns } }) {
      const [output, gradOutput, gradInput] = [address('output'), address('gradOutput'), address('gradInput')];
      return (samples) => kernels.softmax_backward(samples * rows, columns, output, gradOutput, gradInput);
    },
  } satisfies Kernel<Attributes>,
};
