import { activationCodes, type Activation } from './activation.ts';
import type { Kernel } from './kernel.ts';
import { updating } from './updating.ts';

interface Attributes {
  inputs: number;
  units: number;
  activation?: Activation;
  accumulate?: boolean;
}

const workspace: NonNullable<Kernel<Attributes>['workspace']> = (kernels, { inputs, units }) =>
  kernels.dense_panels_workspace(inputs, units);

/** The most samples that `densePanelsDescend` takes: more would be summed in another order than gradients are. */
export const DESCENT_SAMPLES = 128;

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

  /** Gradient of the weights and plain descent in one. The gradient of the bias is left in `gradBias`. */
  densePanelsDescend: {
    workspace,
    operands: { input: 'read', gradOutput: 'read', weight: 'update', bias: 'update', gradBias: 'write' },
    bind(binding) {
      const { kernels, address, workspace } = binding;
      const { inputs, units } = binding.attributes;
      const [input, gradOutput] = [address('input'), address('gradOutput')];
      const [weight, bias, gradBias] = [address('weight'), address('bias'), address('gradBias')];
      let samples = 0;
      const descend = updating(binding, (rate) =>
        kernels.dense_panels_descend(
          samples,
          inputs,
          units,
          input,
          gradOutput,
          rate,
          weight,
          bias,
          gradBias,
          workspace,
        ),
      );
      return (count) => {
        samples = count;
        descend();
      };
    },
  } satisfies Kernel<Attributes>,
};
