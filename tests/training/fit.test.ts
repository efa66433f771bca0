import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  init,
  OptionError,
  ShapeError,
  type Dataset,
  type History,
  type Logs,
} from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';
import { oneHot, randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** A dataset that writes down which samples it is asked for, batch by batch. */
function recording(
  { data, shape }: ReturnType<typeof randomArray>,
  labels: ArrayLike<number>,
): Dataset & { asked: number[][] } {
  const [size, ...xShape] = shape as [number, ...number[]];
  const length = xShape.reduce((product, side) => product * side, 1);
  const asked: number[][] = [];
  return {
    asked,
    size,
    xShape,
    yShape: [],
    readX(indices, target) {
      asked.push([...indices]);
      indices.forEach((index, i) => target.set(data.subarray(index * length, (index + 1) * length), i * length));
    },
    readY: (indices, target) => indices.forEach((index, i) => (target[i] = labels[index]!)),
  };
}

describe('batches', () => {
  it('cover every sample once in each epoch, the last batch being smaller', async () => {
    const { x, y } = smallData(10);
    const dataset = recording(x, y.data);
    await keep(smallModel()).fit(dataset, { epochs: 2, batchSize: 4 });
    expect(dataset.asked.map((batch) => batch.length)).toEqual([4, 4, 2, 4, 4, 2]);
    const [first, second] = [dataset.asked.slice(0, 3).flat(), dataset.asked.slice(3).flat()];
    expect([...first].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...second].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(second).not.toEqual(first);
  });

  it('keep their order without shuffle', async () => {
    const { x, y } = smallData(5);
    const dataset = recording(x, y.data);
    await keep(smallModel()).fit(dataset, { epochs: 2, batchSize: 2, shuffle: false });
    expect(dataset.asked).toEqual([[0, 1], [2, 3], [4], [0, 1], [2, 3], [4]]);
  });

  it('a batch larger than the data takes all of it', async () => {
    const { x, y } = smallData(5);
    const [large, exact] = [keep(smallModel()), keep(smallModel())];
    const shuffle = false;
    expect((await large.fit(x, y, { batchSize: 1000, shuffle })).history).toEqual(
      (await exact.fit(x, y, { batchSize: 5, shuffle })).history,
    );
    expectSameBits('weights', flat(large.getWeights()), flat(exact.getWeights()));
  });

  it('a smaller last batch takes the step of that batch alone', async () => {
    const { x, y } = smallData(5);
    const [whole, parts] = [keep(smallModel()), keep(smallModel())];
    await whole.fit(x, y, { batchSize: 3, shuffle: false });
    for (const [start, end] of [
      [0, 3],
      [3, 5],
    ] as const) {
      parts.trainOnBatch(
        { data: x.data.slice(start * 36, end * 36), shape: [end - start, 6, 6, 1] },
        { data: y.data.slice(start, end), shape: [end - start] },
      );
    }
    expectSameBits('weights', flat(whole.getWeights()), flat(parts.getWeights()));
  });
});

describe('validation', () => {
  it('validationSplit holds out the last part, whatever the shuffling', async () => {
    const { x, y } = smallData(10);
    const dataset = recording(x, y.data);
    await keep(smallModel()).fit(dataset, { epochs: 2, batchSize: 4, validationSplit: 0.3, shuffle: true });
    const epoch = [...dataset.asked.slice(0, 2).flat()].sort((a, b) => a - b);
    expect(epoch).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(dataset.asked[2]).toEqual([7, 8, 9]);
    expect(dataset.asked[5]).toEqual([7, 8, 9]);
  });

  it('gives what evaluate gives, in history and logs', async () => {
    const [train, held] = [smallData(8), smallData(5, 77)];
    const model = keep(smallModel({ metrics: ['accuracy'] }));
    const logs: Logs[] = [];
    const { history } = await model.fit(train.x, train.y, {
      batchSize: 3,
      validationData: [held.x, held.y],
      callbacks: { onEpochEnd: (_, epochLogs) => void logs.push({ ...epochLogs }) },
    });
    const expected = await model.evaluate(held.x, held.y, { batchSize: 3 });
    expect(history.val_loss).toEqual([expected.loss]);
    expect(history.val_accuracy).toEqual([expected.accuracy]);
    expect(logs[0]).toMatchObject({ val_loss: expected.loss, loss: history.loss![0] });
    expect(Object.keys(history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  });

  it('takes a dataset', async () => {
    const { x, y } = smallData(4);
    const { history } = await keep(smallModel()).fit(x, y, { validationData: recording(x, y.data) });
    expect(history.val_loss).toHaveLength(1);
  });

  it.each([
    [{ validationSplit: 1 }, OptionError, /validationSplit 1 of 4 samples leaves 0 to train on/],
    [{ validationSplit: -0.1 }, OptionError, /validationSplit must be a number in \[0, 1\], got -0.1/],
    [{ validationSplit: '0.5' as unknown as number }, OptionError, /validationSplit must be .*, got "0.5"/],
  ])('refuses %j', async (options, type, message) => {
    const { x, y } = smallData(4);
    const fitting = keep(smallModel()).fit(x, y, options);
    await expect(fitting).rejects.toThrow(type);
    await expect(fitting).rejects.toThrow(message);
  });
});

describe('what history and evaluate mean', () => {
  // Losses of a model at rate 0 do not change, so that those of single samples add up to those of an epoch.
  const frozen = { learningRate: 0 };

  it('a sum: E summed over all samples', async () => {
    const model = keep(linearModel(frozen));
    model.setWeights([
      { data: Float32Array.of(2), shape: [1, 1] },
      { data: Float32Array.of(1), shape: [1] },
    ]);
    const x = { data: Float32Array.of(0, 1, 2, 3, 4), shape: [5, 1] };
    const y = { data: Float32Array.of(0, 0, 0, 0, 0), shape: [5, 1] };
    const expected = (1 + 9 + 25 + 49 + 81) / 2;
    expect((await model.fit(x, y, { batchSize: 2 })).history.loss).toEqual([expected]);
    expect(await model.evaluate(x, y, { batchSize: 2 })).toEqual({ loss: expected });
  });

  it('a mean: weighted by samples, so that a short batch counts less', async () => {
    const { x, y } = smallData(5);
    const model = keep(smallModel({ ...frozen, metrics: ['accuracy'] }));
    const single = [0, 1, 2, 3, 4].map((i) =>
      model.trainOnBatch(
        { data: x.data.slice(i * 36, (i + 1) * 36), shape: [1, 6, 6, 1] },
        { data: y.data.slice(i, i + 1), shape: [1] },
      ),
    );
    const mean = (name: string): number => single.reduce((sum, logs) => sum + logs[name]!, 0) / 5;
    const { history } = await model.fit(x, y, { batchSize: 2, shuffle: false });
    const evaluated = await model.evaluate(x, y, { batchSize: 3 });
    // Rounding of float32 losses, summed in another grouping.
    expectClose('history', history.loss!, [mean('loss')], 1e-6);
    expectClose('evaluate', [evaluated.loss!], [mean('loss')], 1e-6);
    expectClose('accuracy', history.accuracy!, [mean('accuracy')], 1e-12);
    expectClose('accuracy', [evaluated.accuracy!], [mean('accuracy')], 1e-12);
  });

  it('accuracy compares with labels, with one-hot targets and under its short name', async () => {
    const { x, y } = smallData(12);
    const sparse = keep(smallModel({ metrics: ['accuracy'] }));
    const dense = keep(smallModel());
    dense.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['acc'] });
    const outputs = sparse.predictOnBatch(x).data;
    const correct = [...y.data].filter((label, i) => {
      const row = [...outputs.subarray(i * 3, i * 3 + 3)];
      return row.indexOf(Math.max(...row)) === label;
    }).length;
    expect((await sparse.evaluate(x, y)).accuracy).toBe(correct / 12);
    expect((await dense.evaluate(x, oneHot(y.data, 3))).acc).toBe(correct / 12);
  });

  it('history has a row for each epoch, and samples per second', async () => {
    const { x, y } = smallData(6);
    const history: History = await keep(smallModel()).fit(x, y, { epochs: 3 });
    expect(history.epoch).toEqual([0, 1, 2]);
    expect(history.history.loss).toHaveLength(3);
    expect(history.samplesPerSecond).toHaveLength(3);
    expect(history.samplesPerSecond.every((rate) => rate > 0 && Number.isFinite(rate))).toBe(true);
  });

  it('training brings the loss down', async () => {
    const { x, y } = smallData(30);
    const { loss } = (await keep(smallModel()).fit(x, y, { epochs: 30, batchSize: 5 })).history;
    expect(loss!.at(-1)).toBeLessThan(loss![0]! / 2);
  });
});

describe('data that cannot be', () => {
  it('no samples', async () => {
    const model = keep(smallModel());
    const none = { x: { data: new Float32Array(0), shape: [0, 6, 6, 1] }, y: { data: new Int32Array(0), shape: [0] } };
    await expect(model.fit(none.x, none.y)).rejects.toThrow(new DataError('fit: there are no samples'));
    await expect(model.evaluate(none.x, none.y)).rejects.toThrow(new DataError('evaluate: there are no samples'));
    const { x, y } = smallData(2);
    await expect(model.fit(x, y, { validationData: [none.x, none.y] })).rejects.toThrow(
      new DataError('fit: validationData: there are no samples'),
    );
  });

  it('validation data of another shape', async () => {
    const { x, y } = smallData(2);
    const held: [typeof x, typeof y] = [randomArray([2, 5, 5, 1], 1), y];
    const fitting = keep(smallModel()).fit(x, y, { validationData: held });
    await expect(fitting).rejects.toThrow(
      new ShapeError('fit: validationData: expected x of shape [N, 6, 6, 1], got [N, 5, 5, 1]'),
    );
  });
});
