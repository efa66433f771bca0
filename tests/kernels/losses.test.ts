import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameBits, expectWithin, largest } from '../support/compare.ts';
import { Harness, unwritten, values } from './harness.ts';
import { halfSquaredError, oneHot, softmaxCrossEntropy, softmaxCrossEntropyGradient } from './reference/losses.ts';
import { magnitudes, sumTolerance } from './tolerance.ts';

let harness: Harness;
beforeAll(async () => (harness = await Harness.create()));

type Target = Float32Array | Int32Array;

/** Loss of each sample; the sum that is returned is checked. */
function forward(loss: string, size: number, samples: number, prediction: Float32Array, target: Target): Float32Array {
  const sampleLoss = unwritten(samples);
  const attributes = { size, reduction: 'sum' };
  const operands = { prediction, target, sampleLoss };
  const sum = harness.run(`${loss}Forward`, { attributes, samples, operands });
  const expected = sampleLoss.reduce((total, value) => total + value, 0);
  expectWithin('sum', [sum as number], [expected], samples * 2 ** -52 * Math.abs(expected));
  return sampleLoss;
}

function backward(
  loss: string,
  attributes: { size: number; reduction: 'sum' | 'mean' },
  samples: number,
  prediction: Float32Array,
  target: Target,
): Float32Array {
  const gradPrediction = unwritten(prediction.length);
  harness.run(`${loss}Backward`, { attributes, samples, operands: { prediction, target, gradPrediction } });
  return gradPrediction;
}

const reductions = ['sum', 'mean'] as const;
const scaleOf = (reduction: 'sum' | 'mean', samples: number): number => (reduction === 'sum' ? 1 : 1 / samples);

describe.each([0, 1, 3, 8])('%i samples', (samples) => {
  test.each([1, 3, 4, 5, 10, 33])('half squared error of %i outputs', (size) => {
    const [prediction, target] = [values(1, samples * size), values(2, samples * size)];
    const expected = halfSquaredError(size, prediction, target, samples);
    const got = forward('halfSquaredError', size, samples, prediction, target);
    expectWithin('loss', got, expected, sumTolerance(size, largest(expected)));
    for (const reduction of reductions) {
      const gradient = backward('halfSquaredError', { size, reduction }, samples, prediction, target);
      const scale = scaleOf(reduction, samples);
      const exact = Array.from(prediction, (p, i) => scale * (p - target[i]!));
      expectWithin('gradient', gradient, exact, sumTolerance(1, 2 * scale));
    }
  });

  test.each([1, 2, 3, 4, 5, 10, 33])('softmax cross entropy of %i classes', (size) => {
    const range = 20;
    // The distance to the largest logit is rounded, the exponential is, and what is made of their sum.
    const precision = (range + 8) * 2 ** -24;
    const logits = values(1, samples * size).map((v) => (v * range) / 2);
    const labels = Int32Array.from({ length: samples }, (_, i) => (7 * i + 2) % size);
    const soft = magnitudes(values(2, samples * size));
    const hard = Float32Array.from(oneHot(size, labels));
    for (const [target, given, loss] of [
      [soft, soft, 'softmaxCrossEntropy'],
      [hard, hard, 'softmaxCrossEntropy'],
      [hard, labels, 'sparseSoftmaxCrossEntropy'],
    ] as const) {
      const expected = softmaxCrossEntropy(size, logits, target, samples);
      const got = forward(loss, size, samples, logits, given);
      expectWithin(`${loss}: loss`, got, expected, precision * size);
      for (const reduction of reductions) {
        const scale = scaleOf(reduction, samples);
        const gradient = backward(loss, { size, reduction }, samples, logits, given);
        const exact = softmaxCrossEntropyGradient(size, logits, target, scale);
        expectWithin(`${loss}: gradient`, gradient, exact, precision * size * scale);
      }
    }
  });
});

test('a class that underflows to probability 0 costs its distance, not infinity', () => {
  const logits = Float32Array.of(0, 1000, 0, -1000);
  expect(forward('sparseSoftmaxCrossEntropy', 2, 2, logits, Int32Array.of(0, 1))).toEqual(Float32Array.of(1000, 1000));
});

test('NaN in a logit is in its loss and its gradients, and in no other', () => {
  const logits = Float32Array.of(1, NaN, 3, 1, 2, 3);
  const labels = Int32Array.of(0, 0);
  const loss = forward('sparseSoftmaxCrossEntropy', 3, 1, logits.slice(3), Int32Array.of(0));
  const both = unwritten(2);
  const call = { attributes: { size: 3, reduction: 'sum' }, samples: 2 };
  const operands = { prediction: logits, target: labels, sampleLoss: both };
  expect(harness.run('sparseSoftmaxCrossEntropyForward', { ...call, operands })).toBeNaN();
  expectSameBits('losses', both, [NaN, loss[0]!]);
  const gradient = backward('sparseSoftmaxCrossEntropy', { size: 3, reduction: 'sum' }, 2, logits, labels);
  expect(Array.from(gradient, Number.isNaN)).toEqual([true, true, true, false, false, false]);
});

test.each([-1, 3, 2 ** 31 - 1, -(2 ** 31)])('label %i of 3 classes is refused before anything is written', (label) => {
  const target = Int32Array.of(0, label);
  const prediction = values(1, 6);
  const sampleLoss = new Float32Array(2).fill(9);
  const gradPrediction = new Float32Array(6).fill(9);
  const call = { attributes: { size: 3, reduction: 'sum' }, samples: 2 };
  const message = `labels[1] is ${label}, expected an integer in [0, 3)`;
  const forwards = { prediction, target, sampleLoss };
  expect(() => harness.run('sparseSoftmaxCrossEntropyForward', { ...call, operands: forwards })).toThrow(message);
  const backwards = { prediction, target, gradPrediction };
  expect(() => harness.run('sparseSoftmaxCrossEntropyBackward', { ...call, operands: backwards })).toThrow(message);
  expect([...sampleLoss, ...gradPrediction].every((value) => value === 9)).toBe(true);
});
