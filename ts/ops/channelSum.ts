import type { Kernel } from './kernel.ts';

interface Attributes {
  /** Pixels of one sample: height times width. */
  plane: number;
  channels: number;
}

export const channelSumKernels = {
  channelSumForward: {
    operands: { input: 'read', output: 'write' },
    bind({ kernels, address, attributes: { plane, channels } }) {
      const [input, output] = [address('input'), address('output')];
      return (samples) => kernels.channel_sum_forward(samples, plane, channels, input, output);
    },
  } satisfies Kernel<Attributes>,

  channelSumBackward: {
    operands: { gradOutput: 'read', gradInput: 'write' },
    bind({ kernels, address, attributes: { plane, channels } }) {
      const [gradOutput, gradInput] = [address('gradOutput'), address('gradInput')];
      return (samples) => kernels.channel_sum_backward(samples, plane, channels, gradOutput, gradInput);
    },
  } satisfies Kernel<Attributes>,
};
