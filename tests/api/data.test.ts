import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  fromArrays,
  init,
  ShapeError,
  type Dataset,
  type InputData,
  type NDArray,
  type Sequential,
  type TargetData,
} from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';
import { oneHot } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** The numbers as nested arrays. */
function nest({ data, shape }: NDArray): number[][][][] {
  const [count, ...rest] = shape;
  const part = (from: number, sizes: readonly number[]): unknown => {
    if (sizes.length === 0) return data[from];
    const [size, ...inner] = sizes;
    const step = inner.reduce((product, side) => product * side, 1);
    return Array.from({ length: size! }, (_, i) => part(from + i * step, inner));
  };
  return part(0, [count!, ...rest]) as number[][][][];
}

describe('inputs', () => {
  it('bytes with a scale are their floats', () => {
    const model = keep(smallModel());
    const bytes = Uint8Array.from({ length: 2 * 36 }, (_, i) => (i * 37) % 256);
    const floats = Float32Array.from(bytes, (byte) => byte * (1 / 255));
    const shape = [2, 6, 6, 1];
    const scaled = model.predictOnBatch({ data: bytes, shape, scale: 1 / 255 });
    expectSameBits('scaled', scaled.data, model.predictOnBatch({ data: floats, shape }).data);
    const plain = model.predictOnBatch({ data: bytes, shape, scale: 1 });
    expectSameBits('plain', plain.data, model.predictOnBatch({ data: Float32Array.from(bytes), shape }).data);
  });

  it('integers are taken as they are', () => {
    const model = keep(linearModel());
    model.setWeights([
      { data: Float32Array.of(2), shape: [1, 1] },
      { data: Float32Array.of(1), shape: [1] },
    ]);
    expect([...model.predictOnBatch({ data: Int32Array.of(-3, 4), shape: [2, 1] }).data]).toEqual([-5, 9]);
  });

  it('nested arrays, arrays and datasets train alike', async () => {
    const { x, y } = smallData(5);
    const dataset = fromArrays(x, y);
    const ways: ((model: Sequential) => Promise<unknown>)[] = [
      (model) => model.fit(x, y, { batchSize: 2 }),
      (model) => model.fit(nest(x), [...y.data], { batchSize: 2 }),
      (model) => model.fit(dataset, { batchSize: 2 }),
      (model) => model.fit(x, { data: Uint8Array.from(y.data), shape: [5] }, { batchSize: 2 }),
      (model) => model.fit(x, { data: Float32Array.from(y.data), shape: [5, 1] }, { batchSize: 2 }),
    ];
    const weights = await Promise.all(
      ways.map(async (train) => {
        const model = keep(smallModel());
        await train(model);
        expect((await model.evaluate(dataset)).loss).toBe((await model.evaluate(x, y)).loss);
        expectSameBits('predict', (await model.predict(dataset)).data, (await model.predict(nest(x))).data);
        return flat(model.getWeights());
      }),
    );
    weights.slice(1).forEach((other, i) => expectSameBits(`way ${i + 1}`, other, weights[0]!));
  });

  it('a dataset may be an instance of a class', async () => {
    class Counted implements Dataset {
      readonly size = 4;
      readonly xShape = [1];
      readonly yShape = [1];
      reads = 0;
      readX(indices: Uint32Array, target: Float32Array): void {
        this.reads++;
        indices.forEach((index, i) => (target[i] = index));
      }
      readY(indices: Uint32Array, target: Float32Array | Int32Array): void {
        indices.forEach((index, i) => (target[i] = 2 * index));
      }
    }
    const dataset = new Counted();
    await keep(linearModel({ learningRate: 0.01 })).fit(dataset, { batchSize: 2 });
    expect(dataset.reads).toBe(2);
  });

  it('are not copied by fromArrays', async () => {
    const x = { data: Float32Array.of(1, 2), shape: [2, 1] };
    const y = { data: Float32Array.of(0, 0), shape: [2, 1] };
    const dataset = fromArrays(x, y);
    const model = keep(linearModel({ learningRate: 0 }));
    model.setWeights([
      { data: Float32Array.of(1), shape: [1, 1] },
      { data: Float32Array.of(0), shape: [1] },
    ]);
    expect(await model.evaluate(dataset)).toEqual({ loss: 2.5 });
    x.data[0] = 3;
    expect(await model.evaluate(dataset)).toEqual({ loss: 6.5 });
  });

  it('an error of a dataset passes through, and the model stays usable', async () => {
    const { x, y } = smallData(3);
    const model = keep(smallModel());
    const failure = new Error('the disk is gone');
    const dataset: Dataset = {
      ...fromArrays(x, y),
      readX() {
        throw failure;
      },
    };
    await expect(model.fit(dataset)).rejects.toBe(failure);
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });
});

describe('targets', () => {
  it('labels and one-hot vectors agree', () => {
    const { x, y } = smallData(8);
    const [sparse, dense] = [keep(smallModel()), keep(smallModel())];
    dense.compile({ optimizer: sparse.optimizer, loss: 'categoricalCrossentropy' });
    const targets = oneHot(y.data, 3);
    const [a, b] = [sparse.inspect({ x, y }), dense.inspect({ x, y: targets })];
    expectSameBits('sample losses', a.sampleLosses.data, b.sampleLosses.data);
    for (let step = 0; step < 3; step++) {
      sparse.trainOnBatch(x, y);
      dense.trainOnBatch(x, targets);
    }
    // The sums of the two kernels round differently, by 2^-24 in each step.
    expectClose('weights', flat(sparse.getWeights()), flat(dense.getWeights()), 1e-6);
  });

  it('trailing axes of 1 do not matter', () => {
    const [column, row] = [keep(linearModel()), keep(linearModel())];
    const x = [[1], [2]];
    expect(column.trainOnBatch(x, [[3], [4]])).toEqual(row.trainOnBatch(x, [3, 4]));
  });
});

describe('what does not fit is refused before memory is written', () => {
  const { x, y } = smallData(4);
  const model = (): Sequential => keep(smallModel());

  const cases: [string, InputData, TargetData | undefined, typeof DataError | typeof ShapeError, string][] = [
    [
      'bytes without a scale',
      { data: new Uint8Array(4 * 36), shape: [4, 6, 6, 1] },
      y,
      DataError,
      'x: bytes need an explicit scale',
    ],
    [
      'a scale of floats',
      { ...x, scale: 2 },
      y,
      DataError,
      'x.scale: expected a finite number that goes with a Uint8Array, got 2 with Float32Array',
    ],
    [
      'a scale that is no number',
      { data: new Uint8Array(4 * 36), shape: [4, 6, 6, 1], scale: Number.NaN },
      y,
      DataError,
      'x.scale: expected a finite number',
    ],
    ['another shape', { data: x.data, shape: [4, 36] }, y, ShapeError, 'expected x of shape [N, 6, 6, 1], got [N, 36]'],
    [
      'a shape that does not match the data',
      { data: x.data, shape: [5, 6, 6, 1] },
      y,
      ShapeError,
      'x: shape [5, 6, 6, 1] needs 180 elements, data has 144',
    ],
    [
      'a shape of no integers',
      { data: x.data, shape: [4.5, 32] },
      y,
      ShapeError,
      'x.shape: expected a shape of integers >= 0, got [4.5,32]',
    ],
    [
      'doubles',
      { data: new Float64Array(144) as unknown as Float32Array, shape: [4, 6, 6, 1] },
      y,
      DataError,
      'x.data: expected a Float32Array, Uint8Array or Int32Array, got Float64Array',
    ],
    [
      'no array',
      'pictures' as unknown as InputData,
      y,
      DataError,
      'x: expected { data, shape }, nested arrays or a dataset, got "pictures"',
    ],
    [
      'a number with a shape of []',
      { data: Float32Array.of(1), shape: [] },
      y,
      ShapeError,
      'x: expected [N, ...], got []',
    ],
    ['ragged rows', [[1, 2], [3]], y, ShapeError, 'x[1]: expected an array of length 2, got length 1'],
    ['nested text', [[1, 'two' as unknown as number]], y, DataError, 'x[0][1]: expected a number, got "two"'],
    [
      'fewer targets',
      x,
      { data: y.data.slice(1), shape: [3] },
      ShapeError,
      'y: expected 4 targets, one for each input, got 3',
    ],
    ['no targets', x, undefined, DataError, 'y is missing'],
    [
      'one-hot targets for labels',
      x,
      oneHot(y.data, 3),
      ShapeError,
      'expected y of shape [N], got [N, 3]; one-hot targets go with categoricalCrossentropy',
    ],
    [
      'a label too large',
      x,
      { data: Int32Array.of(0, 1, 3, 2), shape: [4] },
      DataError,
      'labels[2] is 3, expected an integer in [0, 3)',
    ],
    [
      'a negative label',
      x,
      { data: Int32Array.of(0, 1, 2, -1), shape: [4] },
      DataError,
      'labels[3] is -1, expected an integer in [0, 3)',
    ],
    [
      'a label between two',
      x,
      { data: Float32Array.of(0, 1.5, 0, 0), shape: [4] },
      DataError,
      'labels[1] is 1.5, expected an integer',
    ],
    [
      'a label that is NaN',
      x,
      { data: Float32Array.of(0, 0, 0, Number.NaN), shape: [4] },
      DataError,
      'labels[3] is NaN, expected an integer',
    ],
  ];

  it.each(cases)('%s', async (_, badX, badY, type, message) => {
    const subject = model();
    subject.trainOnBatch(x, y);
    const before = flat(subject.getWeights());
    const gradients = subject.views((views) => views.gradients.slice());
    const calls: Record<string, () => unknown> = {
      fit: () => subject.fit(badX as NDArray, badY!, { shuffle: false }),
      evaluate: () => subject.evaluate(badX as NDArray, badY!),
      trainOnBatch: () => subject.trainOnBatch(badX as NDArray, badY!),
      computeGradients: () => subject.computeGradients(badX as NDArray, badY!),
      inspect: () => subject.inspect({ x: badX as NDArray, y: badY! }),
    };
    for (const [method, call] of Object.entries(calls)) {
      const calling = new Promise((resolve) => resolve(call()));
      await expect(calling, method).rejects.toThrow(type);
      await expect(calling, method).rejects.toThrow(`${method}: ${message}`);
    }
    expectSameBits('weights', flat(subject.getWeights()), before);
    expectSameBits(
      'gradients',
      subject.views((views) => views.gradients),
      gradients,
    );
    expect(Number.isFinite(subject.trainOnBatch(x, y).loss)).toBe(true);
  });

  it('labels for one-hot targets', () => {
    const subject = model();
    subject.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    expect(() => subject.trainOnBatch(x, y)).toThrow(
      new ShapeError(
        'trainOnBatch: expected y of shape [N, 3], got [N]; class labels go with sparseCategoricalCrossentropy',
      ),
    );
  });

  it('a bad label behind a split is called by its place in y', async () => {
    const bad = { data: Int32Array.of(0, 1, 2, 7), shape: [4] };
    await expect(model().fit(x, bad, { validationSplit: 0.25 })).rejects.toThrow(
      new DataError('fit: labels[3] is 7, expected an integer in [0, 3)'),
    );
  });

  it('a bad label writes nothing into the staged batch', () => {
    const subject = model();
    const bad = { data: Int32Array.of(0, 1, 7, 0), shape: [4] };
    const staged = (): number[] => subject.views((views) => [...views.x!, ...views.y!], { batchSize: 4 });
    subject.views((views) => (views.x!.fill(0.5), views.y!.fill(2)), { batchSize: 4 });
    const before = staged();
    expect(() => subject.trainOnBatch(x, bad)).toThrow(DataError);
    expect(staged()).toEqual(before);
  });

  it.each<[string, Partial<Dataset>, string]>([
    ['a size', { size: -1 }, 'fit: dataset.size must be an integer >= 0, got -1'],
    ['no size', { size: undefined as unknown as number }, 'fit: dataset.size must be an integer >= 0, got undefined'],
    [
      'an xShape',
      { xShape: 'large' as unknown as number[] },
      'fit: dataset.xShape: expected a shape of integers >= 1, got "large"',
    ],
    ['a readX', { readX: 5 as unknown as Dataset['readX'] }, 'fit: dataset.readX must be a function, got 5'],
    [
      'a readY',
      { readY: 'y' as unknown as Required<Dataset>['readY'] },
      'fit: dataset.readY must be a function, got "y"',
    ],
  ])('datasets with %s that is none', async (_, wrong, message) => {
    const dataset = { ...fromArrays(x, y), ...wrong };
    await expect(model().fit(dataset)).rejects.toThrow(message);
  });

  it('a dataset without targets, or with targets beside it', async () => {
    await expect(model().fit(fromArrays(x))).rejects.toThrow(new DataError('fit: y is missing'));
    await expect(model().fit(fromArrays(x, y) as unknown as NDArray, y)).rejects.toThrow(
      new DataError('fit: x is a dataset with its own targets; leave out y'),
    );
  });
});
