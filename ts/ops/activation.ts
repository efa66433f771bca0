import type { Kernel } from './kernel.ts';

/** Element by element; each has its code on the wasm side. */
export const activationCodes = { linear: 0, relu: 1, sigmoid: 2, tanh: 3 } as const;

/** Activations that a kernel can apply to each element on its own. */
export type Activation = keyof typeof activationCodes;

interface Attributes {
  activation: Activation;
  /** Elements per sample. */
  size: number;
}

interface BiasAttributes extends Attributes {
  channels: number;
  /** Whether the gradient of the bias is added to what is there. */
  accumulate: boolean;
}

export const activationKernels = {
  activationForward: {
    operands: { input: 'read', output: 'write' },
    inPlace: ['input', 'output'],
    bind({ kernels, address, attributes: { activation, size } }) {
      const [code, input, output] = [activationCodes[activation], address('input'), address('output')];
      return (samples) => kernels.activation_forward(code, samples * size, input, output);
    },
  } satisfies Kernel<Attributes>,

  activationBackward: {
    operands: { output: 'read', gradOutput: 'read', gradInput: 'write' },
    inPlace: ['gradOutput', 'gradInput'],
    bind({ kernels, address, attributes: { activation, size } }) {
      const code = activationCodes[activation];
      const [output, gradOutput, gradInput] = [address('output'), address('gradOutput'), address('gradInput')];
      return (samples) => kernels.activation_backward(code, samples * size, output, gradOutput, gradInput);
    },
  } satisfies Kernel<Attributes>,

  // Together with the gradient of the bias below it; made by fusion only.
  activationBackwardBias: {
    operands: { output: 'read', gradient: 'update', sampleSums: 'write', gradBias: 'update' },
    bind({ kernels, address, attributes: { activation, size, channels, accumulate } }) {
      const [code, plane] = [activationCodes[activation], size / channels];
      const [output, gradient] = [address('output'), address('gradient')];
      const [sums, gradBias, add] = [address('sampleSums'), address('gradBias'), accumulate ? 1 : 0];
      return (samples) =>
        kernels.activation_backward_bias(code, samples, plane, channels, output, gradient, sums, gradBias, add);
    },
  } satisfies Kernel<BiasAttributes>,
};
