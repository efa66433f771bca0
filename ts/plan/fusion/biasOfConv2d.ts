import type { Conv2dGeometry } from '../../ops/geometry.ts';
import { step, type Step } from '../plan.ts';
import { attributesOf, type FusionContext } from './rule.ts';

/** The gradient of a convolution's bias, taken out of the step that has it beside the gradient of the weight. */
export interface ConvolutionBias {
  operands: { gradBias: number; sampleSums: number };
  attributes: { channels: number; accumulate: boolean };
  /** What is left of the step. */
  rest: Step;
}

/**
 * Takes the gradient of the bias out of a convolution's step that reads `gradOutput`, for the step before to compute
 * while it has the values at hand: by sample, as the convolution itself adds them up. Undefined for other steps.
 */
export function takeBias(
  convolution: Step,
  gradOutput: number | undefined,
  { table }: FusionContext,
): ConvolutionBias | undefined {
  if (convolution.kernel !== 'conv2dBackwardWeight' || convolution.operands.gradOutput !== gradOutput) return undefined;
  const { gradBias, ...operands } = convolution.operands;
  if (gradBias === undefined) return undefined;
  const { geometry, accumulate = false } = attributesOf<{ geometry: Conv2dGeometry; accumulate?: boolean }>(
    convolution,
  );
  const channels = geometry.outChannels;
  const sampleSums = table.perSample(`${convolution.layer}/bias:sums`, [channels], 'float32');
  return {
    operands: { gradBias, sampleSums },
    attributes: { channels, accumulate },
    rest: step(convolution.kernel, convolution.layer, operands, convolution.attributes),
  };
}
