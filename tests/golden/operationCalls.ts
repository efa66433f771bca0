import {
  activationBackward,
  activationForward,
  channelSumBackward,
  channelSumForward,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  rot180,
  type Activation,
  type Conv2dCallOptions,
} from '../../ts/entrypoints/ops.ts';
import { planeOf, type Operations } from './operations.ts';
import { current } from './runs.ts';
import { samplesToFile, sizeOf, weightsToFile, type Float32Tensor, type Tensor } from './tensor.ts';

/** Operations as calls of `fourlane/ops`, which correlate: a true convolution turns its kernels before and after. */
export const callOperations: Operations = {
  conv({ options: { kernelMode, channelMode, strides }, x, weight, bias, delta }) {
    const shared = channelMode === 'shared';
    const [, , , channels] = x.shape;
    const source = shared ? channelSumForward(x) : x;
    const [kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
    const effective = (kernels: Float32Tensor): Float32Tensor =>
      kernelMode === 'convolution' ? rot180(kernels) : kernels;
    const options = { strides, ...current } as Conv2dCallOptions;
    const a = conv2dForward(source, effective(weight), bias === undefined ? options : { ...options, bias });
    const dSource = conv2dBackwardInput(delta, effective(weight), { ...options, inputShape: source.shape });
    const dX = shared ? channelSumBackward(dSource, { channels: channels! }) : dSource;
    const kernelSize = [kernelHeight, kernelWidth] as const;
    const { gradWeight, gradBias } = conv2dBackwardWeight(source, delta, { ...options, kernelSize });
    const dW = weightsToFile(effective(gradWeight), shared);
    return { a: samplesToFile(a), dW, db: gradBias, dX: samplesToFile(dX) };
  },

  maxpool({ options, z, delta }) {
    const { output, positions } = maxPool2dForward(z, options);
    const up = maxPool2dBackward(delta, positions, { ...options, inputShape: z.shape });
    return { t: samplesToFile(output), argmax: samplesToFile(positions), up: samplesToFile(up) };
  },

  activation({ activation, a }) {
    const options = { activation: activation as Activation };
    const z = activationForward(a, options);
    const ones = { shape: a.shape, data: new Float32Array(sizeOf(a.shape)).fill(1) };
    return { z, derivative: activationBackward(z, ones, options) };
  },

  /** In the words of eq. 24: rot180(W) over delta with zeros around it, turned again as by any true convolution. */
  eq24({ delta, weight }) {
    const [kernelHeight, kernelWidth] = weight.shape as [number, number];
    const [height, width] = [kernelHeight - 1, kernelWidth - 1];
    const surrounded = (bottom: number, right: number): Tensor => {
      const padding = [
        [height, bottom],
        [width, right],
      ] as const;
      const result = conv2dForward(delta, rot180(rot180(weight)), { padding, ...current });
      return planeOf(result);
    };
    return { full: surrounded(height, width), topLeftOnly: surrounded(0, 0) };
  },
};
