import { step } from '../plan.ts';
import { takeBias } from './biasOfConv2d.ts';
import type { FusionRule } from './rule.ts';

/** The derivative of an activation in place, with the gradient of the bias of the convolution below it in one pass. */
export const biasBelowActivation: FusionRule = (activation, convolution, context) => {
  const { gradOutput, gradInput, output } = activation.operands;
  if (activation.kernel !== 'activationBackward' || gradInput !== gradOutput) return undefined;
  const bias = takeBias(convolution, gradInput, context);
  if (bias === undefined) return undefined;
  const operands = { output, gradient: gradInput, ...bias.operands };
  const attributes = { ...activation.attributes, ...bias.attributes };
  return [step('activationBackwardBias', activation.layer, operands, attributes), bias.rest];
};
