import type { Activation } from '../../ops/activation.ts';
import type { MaxPool2dGeometry } from '../../ops/geometry.ts';
import { step } from '../plan.ts';
import { attributesOf, type FusionRule } from './rule.ts';

/**
 * Max pooling, then the derivative of the activation that made what was pooled: only the maxima have a gradient, and the
 * derivative there follows from the pooled value. The activation's pass over the whole plane, and the reading of its
 * output, disappear.
 *
 * Where windows overlap, gradients are added up before the derivative is applied. That of relu is 0 or 1, so it does not
 * matter when; others would round otherwise.
 */
export const poolingAboveActivation: FusionRule = (pooling, activation, { forward }) => {
  if (pooling.kernel !== 'maxPool2dBackward' || activation.kernel !== 'activationBackward') return undefined;
  const { gradInput, positions } = pooling.operands;
  const { gradOutput, gradInput: below, output } = activation.operands;
  if (gradOutput !== gradInput || below !== gradInput) return undefined;
  const { geometry } = attributesOf<{ geometry: MaxPool2dGeometry }>(pooling);
  const { activation: kind } = attributesOf<{ activation: Activation }>(activation);
  const { strideHeight, strideWidth, poolHeight, poolWidth } = geometry;
  const overlap = strideHeight < poolHeight || strideWidth < poolWidth;
  if (overlap && kind !== 'relu') return undefined;
  const pooled = forward.find(({ operands }) => operands.positions === positions);
  if (pooled === undefined || pooled.operands.input !== output) return undefined;
  const operands = { ...pooling.operands, maxima: pooled.operands.output };
  return [step(pooling.kernel, pooling.layer, operands, { ...pooling.attributes, activation: kind })];
};
