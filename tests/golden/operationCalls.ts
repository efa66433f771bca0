import {
  activationBackward,
  activationForward,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  type Activation,
  type Conv2dCallOptions,
} from '../../ts/entrypoints/ops.ts';
import type { Operations } from './operations.ts';
import { samplesToFile, sizeOf, weightsToFile, type Float32Tensor } from './tensor.ts';

/** Operations as calls of `fourlane/ops`, which correlate: a true convolution turns its kernels before and after. */
export const callOperations: Operations = {
  conv({ options: { kernelMode, strides }, x, weight, bias, delta }) {
    const [kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
    const effective = (kernels: Float32Tensor): Float32Tensor =>
      kernelMode === 'convolution' ? turned(kernels, kernelHeight * kernelWidth) : kernels;
    const options = { strides } as Conv2dCallOptions;
    const a = conv2dForward(x, effective(weight), bias === undefined ? options : { ...options, bias });
    const dX = conv2dBackwardInput(delta, effective(weight), { ...options, inputShape: x.shape });
    const kernelSize = [kernelHeight, kernelWidth] as const;
    const { gradWeight, gradBias } = conv2dBackwardWeight(x, delta, { ...options, kernelSize });
    return { a: samplesToFile(a), dW: weightsToFile(effective(gradWeight)), db: gradBias, dX: samplesToFile(dX) };
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
};

/** [kh, kw, C, S] with the order of its kh * kw cells reversed. */
function turned({ shape, data }: Float32Tensor, cells: number): Float32Tensor {
  const size = data.length / cells;
  return { shape, data: data.map((_, i) => data[(cells - 1 - Math.floor(i / size)) * size + (i % size)]!) };
}
