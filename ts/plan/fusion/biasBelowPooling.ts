import { step } from '../plan.ts';
import { takeBias } from './biasOfConv2d.ts';
import type { FusionRule } from './rule.ts';

/** Max pooling, with the gradient of the bias of the convolution below it in one pass. */
export const biasBelowPooling: FusionRule = (pooling, convolution, context) => {
  if (pooling.kernel !== 'maxPool2dBackward') return undefined;
  const bias = takeBias(convolution, pooling.operands.gradInput, context);
  if (bias === undefined) return undefined;
  const operands = { ...pooling.operands, ...bias.operands };
  return [step(pooling.kernel, pooling.layer, operands, { ...pooling.attributes, ...bias.attributes }), bias.rest];
};
