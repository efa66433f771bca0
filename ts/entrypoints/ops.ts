// Every kernel on its own, without a model: see the docstring of each.
export { EngineBuffer, type ArrayOf, type EngineBufferOptions } from '../ops/calls/engineBuffer.ts';
export type { Tensor } from '../ops/calls/operand.ts';
export type { OpOptions } from '../ops/calls/call.ts';
export type { Into, MaybeBuffer, Result, Results, StateOf } from '../ops/calls/result.ts';
export type { GradientBuffers, WeightGradientOptions, WeightGradients } from '../ops/calls/weightGradients.ts';
export type { Padding, Pair } from '../ops/geometry.ts';
export type { Winograd } from '../ops/winograd.ts';
export type { Activation } from '../ops/activation.ts';
export type { AdamMomentOptions, DescentOptions } from '../ops/updateOptions.ts';

export { activationBackward, activationForward, type ActivationCallOptions } from '../ops/calls/activation.ts';
export { adamUpdate, type AdamCallOptions } from '../ops/calls/adam.ts';
export { channelSumBackward, channelSumForward } from '../ops/calls/channelSum.ts';
export {
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  type Conv2dCallOptions,
} from '../ops/calls/conv2d.ts';
export { denseBackwardInput, denseBackwardWeight, denseForward } from '../ops/calls/dense.ts';
export { add, addInto } from '../ops/calls/elementwise.ts';
export { gemm, type GemmOptions } from '../ops/calls/gemm.ts';
export {
  halfSquaredErrorBackward,
  halfSquaredErrorForward,
  softmaxCrossEntropyBackward,
  softmaxCrossEntropyForward,
  sparseSoftmaxCrossEntropyBackward,
  sparseSoftmaxCrossEntropyForward,
  type LossCallOptions,
  type LossResult,
} from '../ops/calls/losses.ts';
export { maxPool2dBackward, maxPool2dForward, type MaxPool2dBuffers } from '../ops/calls/maxPool2d.ts';
export type { MaxPool2dOptions } from '../ops/maxPool2dOptions.ts';
export { nchwToNhwc, nhwcToNchw } from '../ops/calls/permute.ts';
export { rot180, type Rot180Options } from '../ops/calls/rot180.ts';
export { sgdMomentumUpdate, sgdUpdate, type SgdMomentumCallOptions } from '../ops/calls/sgd.ts';
export { softmaxBackward, softmaxForward } from '../ops/calls/softmax.ts';
export { down, up } from '../ops/calls/upDown.ts';
