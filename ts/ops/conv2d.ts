import type { Conv2dGeometry } from './geometry.ts';
import { activationCodes, type Activation } from './activation.ts';
import type { Kernel } from './kernel.ts';

/** Of the ways to compute a convolution, whichever is fastest for its shape. */
const WINOGRAD_AUTO = 0;

interface Attributes {
  geometry: Conv2dGeometry;
  activation?: Activation;
  accumulate?: boolean;
}

const shared: Required<Pick<Kernel<Attributes>, 'prepare' | 'release' | 'workspace'>> = {
  prepare: (kernels, { geometry: g }) =>
    kernels.conv2d_create(
      g.inHeight,
      g.inWidth,
      g.inChannels,
      g.kernelHeight,
      g.kernelWidth,
      g.outChannels,
      g.strideHeight,
      g.strideWidth,
      g.padTop,
      g.padBottom,
      g.padLeft,
      g.padRight,
      WINOGRAD_AUTO,
    ),
  release: (kernels, handle) => kernels.conv2d_destroy(handle),
  workspace: (kernels, _, handle) => kernels.conv2d_workspace(handle),
};

export const conv2dKernels = {
  conv2dForward: {
    ...shared,
    operands: { input: 'read', weight: 'read', bias: 'read', output: 'write' },
    bind({ kernels, address, attributes, handle, workspace }) {
      const code = activationCodes[attributes.activation ?? 'linear'];
      const [input, weight, bias, output] = [address('input'), address('weight'), address('bias'), address('output')];
      return (samples) => kernels.conv2d_forward(handle, samples, input, weight, bias, code, output, workspace);
    },
  } satisfies Kernel<Attributes>,

  conv2dBackwardInput: {
    ...shared,
    operands: { gradOutput: 'read', weight: 'read', gradInput: 'write' },
    bind({ kernels, address, handle, workspace }) {
      const [gradOutput, weight, gradInput] = [address('gradOutput'), address('weight'), address('gradInput')];
      return (samples) => kernels.conv2d_backward_input(handle, samples, gradOutput, weight, gradInput, workspace);
    },
  } satisfies Kernel<Attributes>,

  conv2dBackwardWeight: {
    ...shared,
    operands: { input: 'read', gradOutput: 'read', gradWeight: 'update', gradBias: 'update' },
    bind({ kernels, address, attributes, handle, workspace }) {
      const [input, gradOutput] = [address('input'), address('gradOutput')];
      const [gradWeight, gradBias] = [address('gradWeight'), address('gradBias')];
      const accumulate = attributes.accumulate ? 1 : 0;
      return (samples) =>
        kernels.conv2d_backward_weight(handle, samples, input, gradOutput, gradWeight, gradBias, accumulate, workspace);
    },
  } satisfies Kernel<Attributes>,
};
