import type { MaxPool2dGeometry } from './geometry.ts';
import type { Kernel } from './kernel.ts';

interface Attributes {
  geometry: MaxPool2dGeometry;
}

const shared: Required<Pick<Kernel<Attributes>, 'prepare' | 'release'>> = {
  prepare: (kernels, { geometry: g }) =>
    kernels.max_pool2d_create(
      g.inHeight,
      g.inWidth,
      g.channels,
      g.poolHeight,
      g.poolWidth,
      g.strideHeight,
      g.strideWidth,
      g.padTop,
      g.padLeft,
      g.outHeight,
      g.outWidth,
      g.padWithZero ? 1 : 0,
    ),
  release: (kernels, handle) => kernels.max_pool2d_destroy(handle),
};

export const maxPool2dKernels = {
  maxPool2dForward: {
    ...shared,
    operands: { input: 'read', output: 'write', positions: 'write' },
    bind({ kernels, address, handle }) {
      const [input, output, positions] = [address('input'), address('output'), address('positions')];
      return (samples) => kernels.max_pool2d_forward(handle, samples, input, output, positions);
    },
  } satisfies Kernel<Attributes>,

  maxPool2dBackward: {
    ...shared,
    operands: { gradOutput: 'read', positions: 'read', gradInput: 'write' },
    bind({ kernels, address, handle }) {
      const [gradOutput, positions, gradInput] = [address('gradOutput'), address('positions'), address('gradInput')];
      return (samples) => kernels.max_pool2d_backward(handle, samples, gradOutput, positions, gradInput);
    },
  } satisfies Kernel<Attributes>,
};
