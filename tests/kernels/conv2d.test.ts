import { beforeAll, describe, test } from 'vitest';
import { expectWithin, largest } from '../support/compare.ts';
import { cases, Harness, unwritten, values } from './harness.ts';
import {
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  forEachProduct,
  withOutput,
  type Conv2dCase,
} from './reference/conv2d.ts';
import { biasGradient } from './reference/dense.ts';
import { dot, magnitudes, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

/** Tensors of a case, and its passes by the kernels. */
class Layer {
  readonly patch: number;
  readonly pixels: number;
  readonly input: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly gradOutput: Float32Array;
  readonly #case: Conv2dCase;

  constructor(c: Conv2dCase) {
    this.#case = c;
    const { outHeight, outWidth } = withOutput(c);
    this.patch = c.kernelHeight * c.kernelWidth * c.inChannels;
    this.pixels = c.batch * outHeight * outWidth;
    this.input = values(1, c.batch * c.inHeight * c.inWidth * c.inChannels);
    this.weight = values(2, this.patch * c.outChannels);
    this.bias = values(3, c.outChannels);
    this.gradOutput = values(4, this.pixels * c.outChannels);
  }

  forward(bias?: Float32Array, activation?: string): Float32Array {
    const output = unwritten(this.gradOutput.length);
    const { input, weight } = this;
    const operands = { input, weight, output, ...(bias === undefined ? {} : { bias }) };
    this.#run('conv2dForward', operands, { activation });
    return output;
  }

  backwardInput(): Float32Array {
    const gradInput = unwritten(this.input.length);
    const { gradOutput, weight } = this;
    this.#run('conv2dBackwardInput', { gradOutput, weight, gradInput });
    return gradInput;
  }

  /** On top of `start`, or over unwritten memory. */
  backwardWeight(start?: number): { gradWeight: Float32Array; gradBias: Float32Array } {
    const gradWeight = new Float32Array(this.weight.length).fill(start ?? NaN);
    const gradBias = new Float32Array(this.bias.length).fill(start ?? NaN);
    const { input, gradOutput } = this;
    this.#run('conv2dBackwardWeight', { input, gradOutput, gradWeight, gradBias }, { accumulate: start !== undefined });
    return { gradWeight, gradBias };
  }

  #run(kernel: string, operands: Record<string, Float32Array>, attributes: object = {}): void {
    const geometry = withOutput(this.#case);
    harness.run(kernel, { attributes: { geometry, ...attributes }, samples: this.#case.batch, operands });
  }
}

const title =
  'batch $batch, input $inHeight x $inWidth x $inChannels, kernel $kernelHeight x $kernelWidth x $outChannels, ' +
  'stride $strideHeight $strideWidth, padding $padTop $padBottom $padLeft $padRight';

describe.each(cases.conv2d)(title, (c) => {
  const layer = new Layer(c);
  const { patch, pixels, input, weight, bias, gradOutput } = layer;
  const positive = {
    input: magnitudes(input),
    weight: magnitudes(weight),
    bias: magnitudes(bias),
    gradOutput: magnitudes(gradOutput),
  };

  test('forward', () => {
    const bound = largest(conv2dForward(c, positive.input, positive.weight, positive.bias));
    const tolerance = sumTolerance(patch + 1, bound);
    expectWithin('without bias', layer.forward(), conv2dForward(c, input, weight), tolerance);
    const expected = conv2dForward(c, input, weight, bias);
    expectWithin('with bias', layer.forward(bias), expected, tolerance);
    const relu = expected.map((value) => Math.max(value, 0));
    expectWithin('with relu', layer.forward(bias, 'relu'), relu, tolerance);
  });

  test('gradient of the input', () => {
    const bound = largest(conv2dBackwardInput(c, positive.gradOutput, positive.weight));
    const tolerance = sumTolerance(c.kernelHeight * c.kernelWidth * c.outChannels, bound);
    expectWithin('gradInput', layer.backwardInput(), conv2dBackwardInput(c, gradOutput, weight), tolerance);
  });

  test.each([undefined, 0.5])('gradients of weight and bias, on top of %s', (start) => {
    const plus = (value: number): number => value + (start ?? 0);
    const got = layer.backwardWeight(start);
    const weightBound = largest(conv2dBackwardWeight(c, positive.input, positive.gradOutput)) + 0.5;
    const gradWeight = conv2dBackwardWeight(c, input, gradOutput).map(plus);
    expectWithin('gradWeight', got.gradWeight, gradWeight, sumTolerance(pixels + 1, weightBound));
    const biasBound = largest(biasGradient(c.outChannels, positive.gradOutput)) + 0.5;
    const gradBias = biasGradient(c.outChannels, gradOutput).map(plus);
    expectWithin('gradBias', got.gradBias, gradBias, sumTolerance(pixels + 1, biasBound));
  });

  test('adjoint identities', () => {
    const expected = dot(layer.forward(), gradOutput);
    let products = 0;
    forEachProduct(c, () => products++);
    // Each product is below 1, and no sum is longer than the longest of the three.
    const longest = Math.max(pixels, patch, c.kernelHeight * c.kernelWidth * c.outChannels);
    const tolerance = sumTolerance(longest, products);
    expectWithin('<x, gradInput>', [dot(input, layer.backwardInput())], [expected], tolerance);
    const byWeight = dot(weight, layer.backwardWeight().gradWeight);
    expectWithin('<w, gradWeight>', [byWeight], [expected], tolerance);
  });
});
