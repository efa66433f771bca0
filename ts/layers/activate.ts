import { activationCodes, type Activation } from '../ops/activation.ts';
import { oneOf } from '../options.ts';
import type { GraphBuilder } from '../plan/graph.ts';
import { step } from '../plan/plan.ts';
import { sizeOf } from '../shape.ts';

/** Activations by Keras' names. `softmax` works on the last axis, the others element by element. */
export type ActivationName = Activation | 'softmax';

const names: readonly ActivationName[] = [...(Object.keys(activationCodes) as Activation[]), 'softmax'];

/** Checks an `activation` option; none and `identity` mean `linear`. */
export function checkActivation(where: string, value: unknown): ActivationName {
  return value === undefined || value === 'identity' ? 'linear' : oneOf(where, 'activation', value, names);
}

/** Adds an activation behind `tensor`, as part of the node before it where that can. Returns the output tensor. */
export function activate(builder: GraphBuilder, layer: string, tensor: number, activation: ActivationName): number {
  if (activation === 'linear') return tensor;
  if (activation === 'softmax') return softmax(builder, layer, tensor);
  if (builder.fuseActivation(layer, tensor, activation)) return tensor;
  const { shape } = builder.tensor(tensor);
  const attributes = { activation, size: sizeOf(shape) };
  return builder.node({
    layer,
    op: activation,
    inputs: [tensor],
    weights: {},
    outputName: `${layer}/z`,
    outputShape: shape,
    backwardInPlace: true,
    forward: (io) => [step('activationForward', layer, { input: io.input(), output: io.output }, attributes)],
    backward: (io) => backwardStep('activationBackward', layer, io, attributes),
  });
}

function softmax(builder: GraphBuilder, layer: string, tensor: number): number {
  const { shape } = builder.tensor(tensor);
  const columns = shape.at(-1) ?? 1;
  const attributes = { rows: sizeOf(shape) / columns, columns };
  return builder.node({
    layer,
    op: 'softmax',
    inputs: [tensor],
    weights: {},
    outputName: `${layer}/z`,
    outputShape: shape,
    forward: (io) => [step('softmaxForward', layer, { input: io.input(), output: io.output }, attributes)],
    backward: (io) => backwardStep('softmaxBackward', layer, io, attributes),
  });
}

function backwardStep(
  kernel: string,
  layer: string,
  io: { output: number; gradOutput: number; gradInput(): number | undefined },
  attributes: Record<string, unknown>,
): ReturnType<typeof step>[] {
  const gradInput = io.gradInput();
  if (gradInput === undefined) return [];
  return [step(kernel, layer, { output: io.output, gradOutput: io.gradOutput, gradInput }, attributes)];
}
