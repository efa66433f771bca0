import { beforeAll, describe, expect, test } from 'vitest';
import { densePanels } from '../../ts/layers/densePanels.ts';
import { expectWithin, largest } from '../support/compare.ts';
import { cases, Harness, unwritten, values } from './harness.ts';
import {
  biasGradient,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
  type DenseCase,
} from './reference/dense.ts';
import { dot, magnitudes, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

function tensors({ batch, inputs, units }: DenseCase) {
  return {
    input: values(1, batch * inputs),
    weight: values(2, inputs * units),
    bias: values(3, units),
    gradOutput: values(4, batch * units),
  };
}

/** How a kernel's weights lie in memory. */
interface Layout {
  /** What its kernels are called. */
  kernel: 'dense' | 'densePanels';
  store: (c: DenseCase, weight: Float32Array) => Float32Array;
  show: (c: DenseCase, stored: Float32Array) => Float32Array;
}

const layouts: Layout[] = [
  { kernel: 'dense', store: (_, weight) => weight, show: (_, stored) => stored },
  {
    kernel: 'densePanels',
    store: ({ inputs, units }, weight) => densePanels(inputs, units).toStorage(weight),
    show: ({ inputs, units }, stored) => densePanels(inputs, units).fromStorage(stored),
  },
];

describe.each(layouts)('$kernel', ({ kernel, store, show }) => {
  function forward(
    c: DenseCase,
    { weight, ...operands }: Record<string, Float32Array>,
    activation?: string,
  ): Float32Array {
    const output = unwritten(c.batch * c.units);
    harness.run(`${kernel}Forward`, {
      attributes: { ...c, activation },
      samples: c.batch,
      operands: { ...operands, weight: store(c, weight!), output },
    });
    return output;
  }

  function backwardInput(c: DenseCase, gradOutput: Float32Array, weight: Float32Array): Float32Array {
    const gradInput = unwritten(c.batch * c.inputs);
    const operands = { gradOutput, weight: store(c, weight), gradInput };
    harness.run(`${kernel}BackwardInput`, { attributes: c, samples: c.batch, operands });
    return gradInput;
  }

  /** On top of `start`, or over unwritten memory. */
  function backwardWeight(c: DenseCase, input: Float32Array, gradOutput: Float32Array, start?: number) {
    const gradWeight = store(c, new Float32Array(c.inputs * c.units)).fill(start ?? NaN);
    const gradBias = new Float32Array(c.units).fill(start ?? NaN);
    const attributes = { ...c, accumulate: start !== undefined };
    const operands = { input, gradOutput, gradWeight, gradBias };
    harness.run(`${kernel}BackwardWeight`, { attributes, samples: c.batch, operands });
    return { gradWeight: show(c, gradWeight), gradBias };
  }

  test.each(cases.dense)('batch $batch, inputs $inputs, units $units', (c) => {
    const { input, weight, bias, gradOutput } = tensors(c);
    const positive = {
      input: magnitudes(input),
      weight: magnitudes(weight),
      bias: magnitudes(bias),
      gradOutput: magnitudes(gradOutput),
    };
    const bound = largest(denseForward(c, positive.input, positive.weight, positive.bias));
    const tolerance = sumTolerance(c.inputs + 1, bound);
    const unbiased = denseForward(c, input, weight);
    expectWithin('without bias', forward(c, { input, weight }), unbiased, tolerance);
    const expected = denseForward(c, input, weight, bias);
    expectWithin('with bias', forward(c, { input, weight, bias }), expected, tolerance);
    const relu = expected.map((value) => Math.max(value, 0));
    expectWithin('with relu', forward(c, { input, weight, bias }, 'relu'), relu, tolerance);

    const gradInputBound = largest(denseBackwardInput(c, positive.gradOutput, positive.weight));
    const gradInput = denseBackwardInput(c, gradOutput, weight);
    const inputTolerance = sumTolerance(c.units, gradInputBound);
    expectWithin('gradInput', backwardInput(c, gradOutput, weight), gradInput, inputTolerance);

    for (const start of [undefined, 0.5]) {
      const plus = (value: number): number => value + (start ?? 0);
      const got = backwardWeight(c, input, gradOutput, start);
      const weightBound = largest(denseBackwardWeight(c, positive.input, positive.gradOutput)) + 0.5;
      const gradWeight = denseBackwardWeight(c, input, gradOutput).map(plus);
      expectWithin('gradWeight', got.gradWeight, gradWeight, sumTolerance(c.batch + 1, weightBound));
      const biasBound = largest(biasGradient(c.units, positive.gradOutput)) + 0.5;
      const gradBias = biasGradient(c.units, gradOutput).map(plus);
      expectWithin('gradBias', got.gradBias, gradBias, sumTolerance(c.batch + 1, biasBound));
    }
  });

  test.each(cases.dense)('adjoint identities, batch $batch, inputs $inputs, units $units', (c) => {
    const { input, weight, gradOutput } = tensors(c);
    const expected = dot(forward(c, { input, weight }), gradOutput);
    // Each product is below 1, and no sum is longer than the longest side.
    const longest = Math.max(c.batch, c.inputs, c.units);
    const tolerance = sumTolerance(longest, c.batch * c.inputs * c.units);
    const byInput = dot(input, backwardInput(c, gradOutput, weight));
    expectWithin('<x, gradInput>', [byInput], [expected], tolerance);
    const byWeight = dot(weight, backwardWeight(c, input, gradOutput).gradWeight);
    expectWithin('<w, gradWeight>', [byWeight], [expected], tolerance);
  });

  test('a bias gradient that nobody asked for is not needed', () => {
    const c = { batch: 3, inputs: 5, units: 9 };
    const { input, gradOutput } = tensors(c);
    const gradWeight = store(c, new Float32Array(45)).fill(NaN);
    const operands = { input, gradOutput, gradWeight };
    harness.run(`${kernel}BackwardWeight`, { attributes: c, samples: c.batch, operands });
    expect(show(c, gradWeight)).toEqual(backwardWeight(c, input, gradOutput).gradWeight);
  });
});
