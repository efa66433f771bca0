import type { Kernel } from './kernel.ts';

interface Attributes {
  height: number;
  width: number;
  channels: number;
}

export const permuteKernels = {
  nhwcToNchw: {
    operands: { input: 'read', output: 'write' },
    bind({ kernels, address, attributes: { height, width, channels } }) {
      const [input, output] = [address('input'), address('output')];
      return (samples) => kernels.nhwc_to_nchw(samples, height, width, channels, input, output);
    },
  } satisfies Kernel<Attributes>,

  nchwToNhwc: {
    operands: { input: 'read', output: 'write' },
    bind({ kernels, address, attributes: { height, width, channels } }) {
      const [input, output] = [address('input'), address('output')];
      return (samples) => kernels.nchw_to_nhwc(samples, height, width, channels, input, output);
    },
  } satisfies Kernel<Attributes>,
};
