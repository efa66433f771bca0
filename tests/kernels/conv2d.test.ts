import { describe, expect, test } from 'vitest';
import type { Bindings } from '../../ts/engine/generated/bindings.js';
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

const harness = await Harness.create();

/** Codes of what may be chosen of Winograd's algorithms. */
const allowed = { 'any algorithm': 0, 'at most four points': 1, 'no Winograd': 2 };

function create(kernels: Bindings, c: Conv2dCase, winograd: number): number {
  const sizes = [c.inHeight, c.inWidth, c.inChannels, c.kernelHeight, c.kernelWidth, c.outChannels] as const;
  const pads = [c.padTop, c.padBottom, c.padLeft, c.padRight] as const;
  return kernels.conv2d_create(...sizes, c.strideHeight, c.strideWidth, ...pads, winograd);
}

/** Codes of the algorithms of forward, gradient of the input and gradient of the weight. */
function algorithms(c: Conv2dCase, winograd: number): number[] {
  return harness.engine.run((kernels) => {
    const handle = create(kernels, c, winograd);
    const codes = [0, 1, 2].map((pass) => kernels.conv2d_algorithm(handle, pass));
    kernels.conv2d_destroy(handle);
    return codes;
  });
}

/** By how much an algorithm may be off, compared with sums of products; see the native tests. */
const errorFactor = (algorithm: number): number => (algorithm < 2 ? 1 : algorithm === 2 ? 3 : 12);

/** Every case as it is chosen, and by what is chosen when less is allowed. */
const ways = cases.conv2d.flatMap((c) =>
  Object.entries(allowed)
    .filter(([, code]) => code === 0 || String(algorithms(c, code)) !== String(algorithms(c, 0)))
    .map(([way, code]) => ({ ...c, way, code })),
);

/** Tensors of a case, and its passes by the kernels. */
class Layer {
  readonly patch: number;
  readonly pixels: number;
  readonly input: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly gradOutput: Float32Array;
  /** By how much each pass may be off, compared with sums of products. */
  readonly factors: { forward: number; input: number; weight: number };
  readonly #case: Conv2dCase;
  readonly #winograd: number;

  constructor(c: Conv2dCase, winograd: number) {
    this.#case = c;
    this.#winograd = winograd;
    const [forward, input, weight] = algorithms(c, winograd).map(errorFactor);
    this.factors = { forward: forward!, input: input!, weight: weight! };
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
    const prepare = (kernels: Bindings): number => create(kernels, this.#case, this.#winograd);
    harness.run(kernel, { attributes: { geometry, ...attributes }, samples: this.#case.batch, operands, prepare });
  }
}

const title =
  'batch $batch, input $inHeight x $inWidth x $inChannels, kernel $kernelHeight x $kernelWidth x $outChannels, ' +
  'stride $strideHeight $strideWidth, padding $padTop $padBottom $padLeft $padRight, $way';

test('all six algorithms are among the ways', () => {
  expect(new Set(ways.flatMap((c) => algorithms(c, c.code)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

describe.each(ways)(title, (c) => {
  const layer = new Layer(c, c.code);
  const { patch, pixels, input, weight, bias, gradOutput, factors } = layer;
  const positive = {
    input: magnitudes(input),
    weight: magnitudes(weight),
    bias: magnitudes(bias),
    gradOutput: magnitudes(gradOutput),
  };

  test('forward', () => {
    const bound = largest(conv2dForward(c, positive.input, positive.weight, positive.bias));
    const tolerance = factors.forward * sumTolerance(patch + 1, bound);
    expectWithin('without bias', layer.forward(), conv2dForward(c, input, weight), tolerance);
    const expected = conv2dForward(c, input, weight, bias);
    expectWithin('with bias', layer.forward(bias), expected, tolerance);
    const relu = expected.map((value) => Math.max(value, 0));
    expectWithin('with relu', layer.forward(bias, 'relu'), relu, tolerance);
  });

  test('gradient of the input', () => {
    const bound = largest(conv2dBackwardInput(c, positive.gradOutput, positive.weight));
    const tolerance = factors.input * sumTolerance(c.kernelHeight * c.kernelWidth * c.outChannels, bound);
    expectWithin('gradInput', layer.backwardInput(), conv2dBackwardInput(c, gradOutput, weight), tolerance);
  });

  test.each([undefined, 0.5])('gradients of weight and bias, on top of %s', (start) => {
    const plus = (value: number): number => value + (start ?? 0);
    const got = layer.backwardWeight(start);
    const weightBound = largest(conv2dBackwardWeight(c, positive.input, positive.gradOutput)) + 0.5;
    const gradWeight = conv2dBackwardWeight(c, input, gradOutput).map(plus);
    const tolerance = factors.weight * sumTolerance(pixels + 1, weightBound);
    expectWithin('gradWeight', got.gradWeight, gradWeight, tolerance);
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
    const tolerance = Math.max(...Object.values(factors)) * sumTolerance(longest, products);
    expectWithin('<x, gradInput>', [dot(input, layer.backwardInput())], [expected], tolerance);
    const byWeight = dot(weight, layer.backwardWeight().gradWeight);
    expectWithin('<w, gradWeight>', [byWeight], [expected], tolerance);
  });
});
