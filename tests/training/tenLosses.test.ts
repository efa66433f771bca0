import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { init, layers, losses, sequential, sgd, type Sequential } from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, flat } from '../support/compare.ts';
import { oneHot } from '../support/numbers.ts';
import { makeData, referenceLosses, run } from '../support/tenLosses.ts';

const stored = JSON.parse(readFileSync(new URL('../fixtures/tenLosses.json', import.meta.url), 'utf8')) as {
  sum: number[];
  mean: number[];
};

function makeModel(kind: 'sum' | 'mean'): Sequential {
  const model = sequential(
    [
      layers.input({ shape: run.inputShape }),
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', kernelMode: 'convolution' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten({ order: 'channelsFirst' }),
      layers.dense({ units: 8, activation: 'tanh' }),
      layers.dense({ units: run.classes, activation: kind === 'sum' ? 'linear' : 'softmax' }),
    ],
    { seed: run.seed },
  );
  model.compile({
    optimizer: sgd({ learningRate: run.rates[kind] }),
    loss: kind === 'sum' ? losses.halfSquaredError() : losses.categoricalCrossentropy(),
  });
  return model;
}

async function lossesOf(model: Sequential): Promise<number[]> {
  const { pictures, labels } = makeData();
  const x = { data: Float32Array.from(pictures.flat()), shape: [run.samples, ...run.inputShape] };
  const batches: number[] = [];
  await model.fit(x, oneHot(labels, run.classes), {
    epochs: 4,
    batchSize: run.batchSize,
    callbacks: { onBatchEnd: (_, logs) => void batches.push(logs.loss!) },
  });
  return batches.slice(0, 10);
}

describe('ten losses from a fixed seed', () => {
  beforeAll(() => init());

  it.each(['sum', 'mean'] as const)('stored numbers are those of the reference (%s)', (kind) => {
    // The reference uses the platform's exponential, which may differ in its last bit.
    expectClose(kind, referenceLosses(kind), stored[kind], 1e-12);
  });

  it.each(['sum', 'mean'] as const)('agree with the stored numbers (%s)', async (kind) => {
    const model = makeModel(kind);
    // float32 against float64: 2^-24 for each rounding, sums of at most 27 products, errors fed through ten steps.
    expectClose(kind, await lossesOf(model), stored[kind], 3e-6);
    model.dispose();
  });

  it.each(['sum', 'mean'] as const)('are the same bits in a second run (%s)', async (kind) => {
    const [first, second] = [makeModel(kind), makeModel(kind)];
    expectSameBits('losses', await lossesOf(first), await lossesOf(second));
    expectSameBits('weights', flat(first.getWeights()), flat(second.getWeights()));
    first.dispose();
    second.dispose();
  });

  it('differ for another seed of the shuffling and for another seed of the weights', async () => {
    const model = makeModel('sum');
    const other = sequential([layers.input({ shape: [2] }), layers.dense({ units: 2 })], { seed: 1 });
    const same = sequential([layers.input({ shape: [2] }), layers.dense({ units: 2 })], { seed: 2 });
    expect(flat(other.getWeights())).not.toEqual(flat(same.getWeights()));
    const { pictures, labels } = makeData();
    const x = { data: Float32Array.from(pictures.flat()), shape: [run.samples, ...run.inputShape] };
    const first: number[] = [];
    await model.fit(x, oneHot(labels, run.classes), {
      batchSize: run.batchSize,
      seed: run.seed + 1,
      callbacks: { onBatchEnd: (_, logs) => void first.push(logs.loss!) },
    });
    expect(Math.abs(first[0]! - stored.sum[0]!)).toBeGreaterThan(1e-3);
    for (const each of [model, other, same]) each.dispose();
  });
});
