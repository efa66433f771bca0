import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  init,
  layers,
  losses,
  OptionError,
  sequential,
  sgd,
  ShapeError,
  StateError,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';
import { oneHot, randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** Fills the staged batch with pictures and labels. */
function stage(model: Sequential, { x, y }: ReturnType<typeof smallData>): void {
  model.views(
    (views) => {
      views.x!.set(x.data);
      views.y!.set(y.data);
    },
    { batchSize: x.shape[0]! },
  );
}

describe('trainOnBatch', () => {
  it('takes the step of fit, at once, and returns loss and metrics before it', async () => {
    const { x, y } = smallData(6);
    const [model, reference] = [
      keep(smallModel({ metrics: ['accuracy'] })),
      keep(smallModel({ metrics: ['accuracy'] })),
    ];
    const expected = await model.evaluate(x, y, { batchSize: 6 });
    expect(model.trainOnBatch(x, y)).toEqual(expected);
    await reference.fit(x, y, { batchSize: 6, shuffle: false });
    expectSameBits('weights', flat(model.getWeights()), flat(reference.getWeights()));
  });

  it('works with any number of samples, growing and shrinking', () => {
    const model = keep(smallModel());
    for (const samples of [3, 10, 1, 7]) {
      const { x, y } = smallData(samples);
      expect(Number.isFinite(model.trainOnBatch(x, y).loss)).toBe(true);
    }
  });
});

describe('computeGradients and applyGradients', () => {
  it('are a step in two halves', () => {
    const { x, y } = smallData(6);
    const [halves, whole] = [keep(smallModel()), keep(smallModel())];
    const before = flat(halves.getWeights());
    const logs = halves.computeGradients(x, y);
    expectSameBits('weights before', flat(halves.getWeights()), before);
    halves.applyGradients();
    expect(whole.trainOnBatch(x, y)).toEqual(logs);
    expectSameBits('weights', flat(halves.getWeights()), flat(whole.getWeights()));
  });

  it('gradients can be accumulated over batches in between', () => {
    const { x, y } = smallData(6);
    const targets = oneHot(y.data, 3);
    const half = (from: number): [{ data: Float32Array; shape: number[] }, { data: Float32Array; shape: number[] }] => [
      { data: x.data.slice(from * 36, (from + 3) * 36), shape: [3, 6, 6, 1] },
      { data: targets.data.slice(from * 3, (from + 3) * 3), shape: [3, 3] },
    ];
    // The loss is a sum: the gradient of a batch is the sum of those of its parts.
    const options = { optimizer: sgd({ learningRate: 0.1 }), loss: losses.halfSquaredError() };
    const [parts, whole] = [keep(smallModel()), keep(smallModel())];
    for (const model of [parts, whole]) model.compile(options);
    parts.computeGradients(...half(0));
    const first = parts.views(({ gradients }) => gradients.slice());
    parts.computeGradients(...half(3));
    parts.views(({ gradients }) => gradients.forEach((value, i) => (gradients[i] = value + first[i]!)));
    parts.applyGradients();
    whole.trainOnBatch(x, targets);
    // Rounding of float32 sums in another grouping.
    expectClose('weights', flat(parts.getWeights()), flat(whole.getWeights()), 1e-6);
  });

  it('gradients set to 0 change nothing', () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    const before = flat(model.getWeights());
    model.computeGradients(x, y);
    model.views(({ gradients }) => gradients.fill(0));
    model.applyGradients();
    expectSameBits('weights', flat(model.getWeights()), before);
  });
});

describe('trainOnStagedBatch', () => {
  it('takes the step of trainOnBatch', () => {
    const data = smallData(6);
    const [staged, plain] = [keep(smallModel()), keep(smallModel())];
    for (let round = 0; round < 3; round++) {
      stage(staged, data);
      expect(staged.trainOnStagedBatch(6)).toEqual(plain.trainOnBatch(data.x, data.y));
    }
    expectSameBits('weights', flat(staged.getWeights()), flat(plain.getWeights()));
  });

  it('takes fewer samples than are staged, not more', () => {
    const model = keep(smallModel());
    const data = smallData(4);
    stage(model, data);
    expect(() => model.trainOnStagedBatch(5)).toThrow(
      new ShapeError('trainOnStagedBatch: expected at most the 4 samples that are staged, got 5'),
    );
    const first = { data: data.x.data.slice(0, 36 * 3), shape: [3, 6, 6, 1] };
    const expected = keep(smallModel()).trainOnBatch(first, { data: data.y.data.slice(0, 3), shape: [3] });
    expect(model.trainOnStagedBatch(3)).toEqual(expected);
  });

  it.each<[string, (model: Sequential) => unknown]>([
    ['nothing', () => 0],
    ['a step', (model) => (stage(model, smallData(2)), model.trainOnStagedBatch(2))],
    ['a prediction', (model) => (stage(model, smallData(2)), model.predictOnBatch(smallData(1).x))],
    [
      'compile',
      (model) => (
        stage(model, smallData(2)),
        model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy() })
      ),
    ],
  ])('after %s there is no staged batch: StateError', (_, before) => {
    const model = keep(smallModel());
    before(model);
    expect(() => model.trainOnStagedBatch(2)).toThrow(StateError);
    expect(() => model.trainOnStagedBatch(2)).toThrow(/^trainOnStagedBatch: no batch is staged; fill one by views/);
  });

  it('checks the labels that were written in place, before anything is computed', () => {
    const model = keep(smallModel());
    const before = flat(model.getWeights());
    stage(model, smallData(3));
    model.views((views) => (views.y![1] = 3), { batchSize: 3 });
    expect(() => model.trainOnStagedBatch(3)).toThrow(
      new DataError('trainOnStagedBatch: labels[1] is 3, expected an integer in [0, 3)'),
    );
    expectSameBits('weights', flat(model.getWeights()), before);
    stage(model, smallData(3));
    expect(Number.isFinite(model.trainOnStagedBatch(3).loss)).toBe(true);
  });

  it.each([0, -1, 1.5, '2'])('refuses %j samples', (samples) => {
    const model = keep(smallModel());
    stage(model, smallData(2));
    expect(() => model.trainOnStagedBatch(samples as number)).toThrow(OptionError);
  });
});

describe('rates', () => {
  /** Two dense layers with rates of their own. */
  function twoLayers(perLayer: Record<string, number>, trainable = true): Sequential {
    const model = keep(
      sequential(
        [
          layers.input({ shape: [4] }),
          layers.dense({ name: 'first', units: 3, activation: 'tanh', trainable }),
          layers.dense({ name: 'second', units: 2 }),
        ],
        { seed: 9 },
      ),
    );
    model.compile({ optimizer: sgd({ learningRate: 0.5, perLayer }), loss: 'halfSquaredError' });
    return model;
  }
  const x = randomArray([5, 4], 1);
  const y = randomArray([5, 2], 2);

  it('are per layer where given: p = p - rate * gradient', () => {
    const model = twoLayers({ first: 0.125 });
    const before = model.getWeights();
    const { first, second } = model.inspect({ x, y }).layers;
    model.trainOnBatch(x, y);
    const after = model.getWeights();
    const gradients = [
      first!.gradients.kernel,
      first!.gradients.bias,
      second!.gradients.kernel,
      second!.gradients.bias,
    ];
    gradients.forEach((gradient, i) => {
      const rate = i < 2 ? 0.125 : 0.5;
      const expected = before[i]!.data.map((value, j) => Math.fround(value - Math.fround(rate * gradient!.data[j]!)));
      expectSameBits(`weights ${i}`, after[i]!.data, expected);
    });
  });

  it('a rate of 0 leaves a layer bit for bit, even beside an infinite gradient', () => {
    const model = twoLayers({ first: 0 });
    const [kernel, bias] = model.getWeights();
    model.trainOnBatch(x, y);
    model.computeGradients(x, y);
    model.views(({ gradients, ranges }) => {
      for (const { layer, offset, length } of ranges) {
        if (layer === 'first') gradients.fill(Number.POSITIVE_INFINITY, offset, offset + length);
      }
    });
    model.applyGradients();
    const after = model.getWeights();
    expectSameBits('kernel', after[0]!.data, kernel!.data);
    expectSameBits('bias', after[1]!.data, bias!.data);
    expect([...after[2]!.data]).not.toEqual([...twoLayers({}).getWeights()[2]!.data]);
  });

  it('trainable: false freezes a layer and saves its gradients', () => {
    const model = twoLayers({}, false);
    const before = model.getWeights();
    const { gradients } = model.inspect({ x, y }).layers.first!;
    expect(gradients).toEqual({});
    model.trainOnBatch(x, y);
    const after = model.getWeights();
    expectSameBits('kernel', after[0]!.data, before[0]!.data);
    expect([...after[2]!.data]).not.toEqual([...before[2]!.data]);
  });

  it('may be changed between steps, all layers at once or each', () => {
    const model = twoLayers({});
    model.optimizer.perLayer = { second: 0 };
    const before = model.getWeights();
    model.trainOnBatch(x, y);
    const after = model.getWeights();
    expectSameBits('second', after[2]!.data, before[2]!.data);
    expect([...after[0]!.data]).not.toEqual([...before[0]!.data]);
    expect(() => (model.optimizer.perLayer = { second: -1 })).toThrow(OptionError);
    expect(() => (model.optimizer.learningRate = Number.NaN)).toThrow(OptionError);
    expect(model.optimizer.learningRate).toBe(0.5);
  });

  it('a step on one number is what the formula says', () => {
    const model = keep(linearModel({ learningRate: 0.25 }));
    model.setWeights([
      { data: Float32Array.of(2), shape: [1, 1] },
      { data: Float32Array.of(1), shape: [1] },
    ]);
    // Output 2 * 3 + 1 = 7, error 7 - 5 = 2: loss 2, dE/dw = 2 * 3, dE/db = 2.
    const logs = model.trainOnBatch(
      { data: Float32Array.of(3), shape: [1, 1] },
      { data: Float32Array.of(5), shape: [1, 1] },
    );
    expect(logs).toEqual({ loss: 2 });
    expect(flat(model.getWeights())).toEqual([0.5, 0.5]);
  });
});
