import type { NDArray } from '../../ndarray.ts';
import type { Shape } from '../../shape.ts';
import type { MaxPool2dOptions } from '../maxPool2dOptions.ts';
import type { OpOptions } from './call.ts';
import { maxPool2dBackward, maxPool2dForward } from './maxPool2d.ts';
import type { Tensor } from './operand.ts';
import type { Into, MaybeBuffer, Result } from './result.ts';

/** The paper's pooling: windows of 2 x 2, an odd edge padded with zeros at bottom and right. */
const paper = { rounding: 'ceil', padSide: 'end', padValue: 'zero' } as const;

/**
 * The paper's pooling of `[N, height, width, channels]`: `t`, the largest entry of each window, and `positions`, where in
 * its plane that is (`row * width + column`; -1 where padding won). As {@link maxPool2dForward}, with the paper's
 * defaults: 2 x 2, an odd edge padded with zeros at bottom and right. Source: MODEL section 2 (down).
 */
export function down(
  z: Tensor,
  options: MaxPool2dOptions & OpOptions = {},
): { t: NDArray<Float32Array>; positions: NDArray<Int32Array> } {
  const { output, positions } = maxPool2dForward(z, { ...paper, ...options });
  return { t: output, positions };
}

/**
 * The adjoint of {@link down} at the positions that it recorded: zeros of the shape of the pooling's input
 * (`inputShape`, `[N, height, width, channels]`), with every entry of `delta` at its position. It carries sensitivities,
 * `dE/dZ = up(dE/dT)`; it does not bring Z back. As {@link maxPool2dBackward}, with the defaults of {@link down}.
 * Source: MODEL section 2 (up) and eq. 16.
 */
export function up<Out extends MaybeBuffer = undefined>(
  delta: Tensor,
  positions: Tensor<'int32'>,
  options: MaxPool2dOptions & Into<Out> & { inputShape: Shape },
): Result<Out> {
  return maxPool2dBackward(delta, positions, { ...paper, ...options });
}
