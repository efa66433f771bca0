import { describe, expect, test } from 'vitest';
import {
  EngineBuffer,
  halfSquaredErrorBackward,
  halfSquaredErrorForward,
  softmaxCrossEntropyBackward,
  softmaxCrossEntropyForward,
  sparseSoftmaxCrossEntropyBackward,
  sparseSoftmaxCrossEntropyForward,
} from '../../ts/entrypoints/ops.ts';
import { DataError, ShapeError } from '../../ts/errors.ts';
import { expectClose } from '../support/compare.ts';
import { randomArray } from '../support/numbers.ts';
import { array, flatRows, integers, rowsOf, useEngine } from './support.ts';
import { softmaxCrossentropy } from '../support/reference/training.ts';

const tolerance = 1e-6;
const samples = 3;
const prediction = randomArray([samples, 4], 1);
const labels = integers([samples], [3, 0, 2]);
const oneHot = array([samples, 4], [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0]);

useEngine();

test('half sum of squares', () => {
  const difference = Array.from(prediction.data, (value, at) => value - oneHot.data[at]!);
  const each = [0, 1, 2].map((n) => difference.slice(4 * n, 4 * n + 4).reduce((sum, d) => sum + (d * d) / 2, 0));
  const sum = each[0]! + each[1]! + each[2]!;
  const { loss, sampleLoss } = halfSquaredErrorForward(prediction, oneHot);
  expectClose('loss', [loss], [sum], tolerance);
  expectClose('sampleLoss', sampleLoss.data, each, tolerance);
  expectClose('mean', [halfSquaredErrorForward(prediction, oneHot, { reduction: 'mean' }).loss], [sum / 3], tolerance);
  expectClose('gradient', halfSquaredErrorBackward(prediction, oneHot).data, difference, tolerance);
  const mean = halfSquaredErrorBackward(prediction, oneHot, { reduction: 'mean' });
  expect(mean.shape).toEqual([samples, 4]);
  expectClose(
    'gradient of the mean',
    mean.data,
    difference.map((d) => d / 3),
    tolerance,
  );
});

describe.for([
  ['one-hot targets', oneHot, softmaxCrossEntropyForward, softmaxCrossEntropyBackward],
  ['labels', labels, sparseSoftmaxCrossEntropyForward, sparseSoftmaxCrossEntropyBackward],
] as const)('softmax cross entropy, %s', ([, target, forward, backward]) => {
  const expected = softmaxCrossentropy(rowsOf(prediction), rowsOf(oneHot));

  test('arrays', () => {
    const { loss, sampleLoss } = forward(prediction, target);
    expectClose('mean', [loss], [expected.loss], tolerance);
    const total = sampleLoss.data.reduce((sum, each) => sum + each);
    expectClose('per sample', [total], [samples * expected.loss], tolerance);
    expectClose('sum', [forward(prediction, target, { reduction: 'sum' }).loss], [samples * expected.loss], tolerance);
    const gradient = flatRows(expected.gradient);
    expectClose('gradient', backward(prediction, target).data, gradient, tolerance);
    const ofSum = backward(prediction, target, { reduction: 'sum' }).data;
    expectClose(
      'gradient of the sum',
      ofSum,
      gradient.map((value) => samples * value),
      tolerance,
    );
  });

  test('buffers', () => {
    const out = new EngineBuffer([samples, 4]);
    const sampleLoss = new EngineBuffer([samples]);
    const logits = EngineBuffer.from(prediction);
    const dtype = target === labels ? 'int32' : 'float32';
    const targets = EngineBuffer.from(target, { dtype }) as EngineBuffer & EngineBuffer<'int32'>;
    expect(forward(logits, targets, { out: { sampleLoss } }).sampleLoss).toBe(sampleLoss);
    expect(sampleLoss.read().data).toEqual(forward(prediction, target).sampleLoss.data);
    expect(backward(logits, targets, { out })).toBe(out);
    expectClose('gradient', out.read().data, flatRows(expected.gradient), tolerance);
    for (const buffer of [out, sampleLoss, logits, targets]) buffer.dispose();
  });
});

test.for([4, -1])('label %i is out of range', (label) => {
  const wrong = integers([samples], [0, label, 1]);
  const message = `labels[1] is ${label}, expected an integer in [0, 4)`;
  const buffer = EngineBuffer.from(wrong, { dtype: 'int32' });
  for (const each of [wrong, buffer]) {
    expect(() => sparseSoftmaxCrossEntropyForward(prediction, each)).toThrow(
      `sparseSoftmaxCrossEntropyForward: ${message}`,
    );
    expect(() => sparseSoftmaxCrossEntropyBackward(prediction, each)).toThrow(DataError);
  }
  buffer.dispose();
});

test('shapes', () => {
  const call = () => halfSquaredErrorForward(prediction, labels);
  expect(call).toThrow('halfSquaredErrorForward: target: expected [3, 4], got [3]');
  expect(call).toThrow(ShapeError);
  expect(() => sparseSoftmaxCrossEntropyForward(prediction, integers([2], [0, 1]))).toThrow(
    'sparseSoftmaxCrossEntropyForward: target: expected [3], got [2]',
  );
});
