import type { Conv2dGeometry } from './geometry.ts';
import { activationCodes, type Activation } from './activation.ts';
import type { Kernel } from './kernel.ts';
import { winogradCode, type Winograd } from './winograd.ts';

/** Passes by the code that wasm gives them. */
const passes = ['forward', 'backward input', 'backward weight'] as const;

/** Ways to compute a pass, by the code that wasm gives them. */
const algorithms = [
  'scattered patches',
  'direct',
  'Winograd F(2x2,3x3)',
  'Winograd F(4x4,3x3)',
  'Winograd F(5x5,2x2)',
  'Winograd F(2x2,5x5)',
] as const;

interface Attributes {
  geometry: Conv2dGeometry;
  activation?: Activation;
  accumulate?: boolean;
  /** Default `auto`. */
  winograd?: Winograd;
}

const shared: Required<Pick<Kernel<Attributes>, 'prepare' | 'release' | 'workspace'>> = {
  prepare: (kernels, { geometry: g, winograd = 'auto' }) =>
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
      winogradCode(winograd),
    ),
  release: (kernels, handle) => kernels.conv2d_destroy(handle),
  workspace: (kernels, _, handle) => kernels.conv2d_workspace(handle),
};

const algorithm =
  (pass: (typeof passes)[number]): NonNullable<Kernel['algorithm']> =>
  (kernels, handle) =>
    `${pass} ${algorithms[kernels.conv2d_algorithm(handle, passes.indexOf(pass))]!}`;

export const conv2dKernels = {
  conv2dForward: {
    ...shared,
    algorithm: algorithm('forward'),
    operands: { input: 'read', weight: 'read', bias: 'read', output: 'write' },
    bind({ kernels, address, attributes, handle, workspace }) {
      const code = activationCodes[attributes.activation ?? 'linear'];
      const [input, weight, bias, output] = [address('input'), address('weight'), address('bias'), address('output')];
      return (samples) => kernels.conv2d_forward(handle, samples, input, weight, bias, code, output, workspace);
    },
  } satisfies Kernel<Attributes>,

  conv2dBackwardInput: {
    ...shared,
    algorithm: algorithm('backward input'),
    operands: { gradOutput: 'read', weight: 'read', gradInput: 'write' },
    bind({ kernels, address, handle, workspace }) {
      const [gradOutput, weight, gradInput] = [address('gradOutput'), address('weight'), address('gradInput')];
      return (samples) => kernels.conv2d_backward_input(handle, samples, gradOutput, weight, gradInput, workspace);
    },
  } satisfies Kernel<Attributes>,

  conv2dBackwardWeight: {
    ...shared,
    algorithm: algorithm('backward weight'),
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
