import type { GraphBuilder } from '../plan/graph.ts';
import { step } from '../plan/plan.ts';

/** Adds the sum over the channels of `tensor`, `[height, width, channels]`, as a node. Returns `[height, width, 1]`. */
export function channelSum(builder: GraphBuilder, layer: string, tensor: number): number {
  const [height, width, channels] = builder.tensor(tensor).shape as [number, number, number];
  if (channels === 1) return tensor;
  const attributes = { plane: height * width, channels };
  return builder.node({
    layer,
    op: 'channelSum',
    inputs: [tensor],
    weights: {},
    outputName: `${layer}/sum`,
    outputShape: [height, width, 1],
    forward: ({ input, output }) => [step('channelSumForward', layer, { input: input(), output }, attributes)],
    backward: ({ gradOutput, gradInput }) =>
      gradInput() === undefined
        ? []
        : [step('channelSumBackward', layer, { gradOutput, gradInput: gradInput() }, attributes)],
  });
}
