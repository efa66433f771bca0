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
};
