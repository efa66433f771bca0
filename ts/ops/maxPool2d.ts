import { activationCodes, type Activation } from './activation.ts';
import type { MaxPool2dGeometry } from './geometry.ts';
import type { Kernel } from './kernel.ts';

interface Attributes {
  geometry: MaxPool2dGeometry;
}

interface BackwardAttributes extends Attributes {
  /** Of what was pooled; needs the `maxima`. */
  activation?: Activation;
  /** Whether the gradient of the bias is added to what is there. */
  accumulate?: boolean;
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
    // The last three only where passes below are fused with this one.
    operands: {
      gradOutput: 'read',
      positions: 'read',
      gradInput: 'write',
      maxima: 'read',
      sampleSums: 'write',
      gradBias: 'update',
    },
    bind({ kernels, address, handle, attributes: { activation = 'linear', accumulate } }) {
      const [gradOutput, positions, gradInput] = [address('gradOutput'), address('positions'), address('gradInput')];
      const [code, maxima] = [activationCodes[activation], address('maxima')];
      const [sums, gradBias, add] = [address('sampleSums'), address('gradBias'), accumulate ? 1 : 0];
      return (samples) =>
        // prettier-ignore
        kernels.max_pool2d_backward(handle, samples, gradOutput, positions, gradInput, code, maxima, sums, gradBias, add);
    },
  } satisfies Kernel<BackwardAttributes>,
};
