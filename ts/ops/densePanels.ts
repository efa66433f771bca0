import { activationCodes, type Activation } from './activation.ts';
import type { Kernel } from './kernel.ts';

interface Attributes {
  inputs: number;
  units: number;
  activation?: Activation;
  accumulate?: boolean;
}

const workspace: NonNullable<Kernel<Attributes>['workspace']> = (kernels, { inputs, units }) =>
  kernels.dense_panels_workspace(inputs, units);

/** As the kernels of `dense.ts`, with weights and their gradient as panels `[ceil(units / 8)][inputs][8]`. */
export const densePanelsKernels = {
  densePanelsForward: {
    operands: { input: 'read', weight: 'read', bias: 'read', output: 'write' },
    bind({ kernels, address, attributes: { inputs, units, activation = 'linear' } }) {
      const code = activationCodes[activation];
      const [input, weight, bias, output] = [address('input'), address('weight'), address('bias'), address('output')];
      return (samples) => kernels.dense_panels_forward(samples, inputs, units, input, weight, bias, code, output);
    },
  } satisfies Kernel<Attributes>,

  densePanelsBackwardInput: {
    workspace,
    operands: { gradOutput: 'read', weight: 'read', gradInput: 'write' },
    bind({ kernels, address, attributes: { inputs, units }, workspace }) {
      const [gradOutput, weight, gradInput] = [address('gradOutput'), address('weight'), address('gradInput')];
      return (samples) =>
        kernels.dense_panels_backward_input(samples, inputs, units, gradOutput, weight, gradInput, workspace);
    },
  } satisfies Kernel<Attributes>,

  densePanelsBackwardWeight: {
    workspace,
    operands: { input: 'read', gradOutput: 'read', gradWeight: 'update', gradBias: 'update' },
    bind({ kernels, address, attributes: { inputs, units, accumulate = false }, workspace }) {
      const [input, gradOutput] = [address('input'), address('gradOutput')];
      const [gradWeight, gradBias] = [address('gradWeight'), address('gradBias')];
      const add = accumulate ? 1 : 0;
      return (samples) =>
        kernels.dense_panels_backward_weight(
          samples,
          inputs,
          units,
          input,
          gradOutput,
          gradWeight,
          gradBias,
          add,
          workspace,
        );
    },
  } satisfies Kernel<Attributes>,
};
