import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  init,
  learningRateScheduler,
  OptionError,
  type Callback,
  type TrainingModel,
  type TrainingParams,
} from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** A callback that writes down its events. */
function recorder(name: string, events: string[]): Callback {
  return {
    onTrainBegin: () => void events.push(`${name} train begin`),
    onTrainEnd: () => void events.push(`${name} train end`),
    onEpochBegin: (epoch) => void events.push(`${name} epoch ${epoch} begin`),
    onEpochEnd: (epoch) => void events.push(`${name} epoch ${epoch} end`),
    onBatchBegin: (batch) => void events.push(`${name} batch ${batch} begin`),
    onBatchEnd: (batch) => void events.push(`${name} batch ${batch} end`),
  };
}

describe('hooks', () => {
  it('are called in the order of Keras, and of the list', async () => {
    const { x, y } = smallData(3);
    const events: string[] = [];
    await keep(smallModel()).fit(x, y, {
      epochs: 2,
      batchSize: 2,
      callbacks: [recorder('a', events), recorder('b', events)],
    });
    const both = (event: string): string[] => [`a ${event}`, `b ${event}`];
    const epoch = (index: number): string[] => [
      `epoch ${index} begin`,
      'batch 0 begin',
      'batch 0 end',
      'batch 1 begin',
      'batch 1 end',
      `epoch ${index} end`,
    ];
    expect(events).toEqual(['train begin', ...epoch(0), ...epoch(1), 'train end'].flatMap(both));
  });

  it('get their logs', async () => {
    const { x, y } = smallData(3);
    const spy = { onBatchEnd: vi.fn(), onEpochEnd: vi.fn(), onBatchBegin: vi.fn(), onTrainEnd: vi.fn() };
    const { history } = await keep(smallModel({ metrics: ['accuracy'] })).fit(x, y, { batchSize: 2, callbacks: spy });
    const batch = { loss: expect.any(Number) as number, accuracy: expect.any(Number) as number };
    expect(spy.onBatchBegin.mock.calls).toEqual([
      [0, {}],
      [1, {}],
    ]);
    expect(spy.onBatchEnd.mock.calls).toEqual([
      [0, { batch: 0, size: 2, ...batch }],
      [1, { batch: 1, size: 1, ...batch }],
    ]);
    const epoch = {
      loss: history.loss![0],
      accuracy: history.accuracy![0],
      samplesPerSecond: expect.any(Number) as number,
    };
    expect(spy.onEpochEnd.mock.calls).toEqual([[0, epoch]]);
    expect(spy.onTrainEnd.mock.calls).toEqual([[epoch]]);
  });

  it('are told what is trained before it starts', async () => {
    const { x, y } = smallData(5);
    const model = keep(smallModel({ metrics: ['accuracy'] }));
    const told: [TrainingParams?, TrainingModel?] = [];
    await model.fit(x, y, {
      epochs: 2,
      batchSize: 2,
      validationSplit: 0.2,
      callbacks: { setParams: (params) => void (told[0] = params), setModel: (given) => void (told[1] = given) },
    });
    expect(told[0]).toEqual({
      epochs: 2,
      samples: 4,
      batchSize: 2,
      steps: 2,
      metrics: ['loss', 'accuracy', 'val_loss', 'val_accuracy'],
    });
    expect(told[1]).toBe(model);
  });

  it('may go by their other names', async () => {
    const { x, y } = smallData(2);
    const events: string[] = [];
    await keep(smallModel()).fit(x, y, {
      callbacks: {
        onTrainBatchBegin: (batch) => void events.push(`begin ${batch}`),
        onTrainBatchEnd: (batch, logs) => void events.push(`end ${batch} ${typeof logs.loss}`),
        onBatchEnd: () => void events.push('not called beside the other name'),
      },
    });
    expect(events).toEqual(['begin 0', 'end 0 number']);
  });

  it('may be methods of a class', async () => {
    class Counter implements Callback {
      batches = 0;
      onBatchEnd(): void {
        this.batches++;
      }
    }
    const { x, y } = smallData(4);
    const counter = new Counter();
    await keep(smallModel()).fit(x, y, { batchSize: 1, callbacks: counter });
    expect(counter.batches).toBe(4);
  });

  it('are waited for when they are async, one after the other', async () => {
    const { x, y } = smallData(2);
    const events: string[] = [];
    const slow = (name: string): Callback => ({
      onBatchEnd: async (batch) => {
        events.push(`${name} ${batch} in`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        events.push(`${name} ${batch} out`);
      },
    });
    await keep(smallModel()).fit(x, y, { batchSize: 1, callbacks: [slow('a'), slow('b')] });
    const batch = (i: number): string[] => [`a ${i} in`, `a ${i} out`, `b ${i} in`, `b ${i} out`];
    expect(events).toEqual([...batch(0), ...batch(1)]);
  });

  it('see, and may change, the weights of the last full step', async () => {
    const { x, y } = smallData(2);
    const model = keep(smallModel());
    const initial = model.getWeights();
    await model.fit(x, y, { epochs: 1, callbacks: { onEpochEnd: () => model.setWeights(initial) } });
    expectSameBits('weights', flat(model.getWeights()), flat(initial));
  });
});

describe('errors of hooks', () => {
  const hooks = ['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'] as const;

  it.each(hooks)('of %s stop training and are rethrown; the model can be trained again', async (hook) => {
    const { x, y } = smallData(4);
    const model = keep(smallModel());
    const error = new Error(`from ${hook}`);
    const fail = (): never => {
      throw error;
    };
    const after = vi.fn();
    const callbacks = [{ [hook]: fail }, { [hook]: after }];
    await expect(model.fit(x, y, { batchSize: 2, callbacks })).rejects.toBe(error);
    expect(after).not.toHaveBeenCalled();
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });

  it('rejections too; the weights are those after the last full step', async () => {
    const { x, y } = smallData(4);
    const [model, reference] = [keep(smallModel()), keep(smallModel())];
    const error = new Error('async');
    const onBatchEnd = (batch: number): Promise<void> => (batch === 1 ? Promise.reject(error) : Promise.resolve());
    await expect(model.fit(x, y, { batchSize: 1, callbacks: { onBatchEnd } })).rejects.toBe(error);
    await reference.fit(x, y, {
      batchSize: 1,
      callbacks: { onBatchEnd: (batch) => void (reference.stopTraining = batch === 1) },
    });
    expectSameBits('weights', flat(model.getWeights()), flat(reference.getWeights()));
  });
});

describe('what is no callback', () => {
  it.each([
    [{ onEpochEnds: () => {} }, /callbacks\[0\] has an unknown hook onEpochEnds; known: setParams/],
    [[{}, 'log'], /callbacks\[1\] must be an object with hooks, got "log"/],
    [[null], /callbacks\[0\] must be an object with hooks, got null/],
    [{ onBatchEnd: 1 }, /callbacks\[0\].onBatchEnd must be a function, got 1/],
  ])('%j', async (callbacks, message) => {
    const { x, y } = smallData(2);
    const fitting = keep(smallModel()).fit(x, y, { callbacks: callbacks as Callback[] });
    await expect(fitting).rejects.toThrow(OptionError);
    await expect(fitting).rejects.toThrow(message);
  });
});

describe('learningRateScheduler', () => {
  it('sets the rate before each epoch', async () => {
    const { x, y } = smallData(2);
    const model = keep(smallModel({ learningRate: 0.5 }));
    const rates: number[] = [];
    await model.fit(x, y, {
      epochs: 3,
      callbacks: [
        learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2)),
        { onBatchBegin: () => void rates.push(model.optimizer.learningRate) },
      ],
    });
    expect(rates).toEqual([0.5, 0.25, 0.125]);
  });

  it('a rate takes effect at once', async () => {
    const model = keep(linearModel({ learningRate: 1 }));
    model.setWeights([
      { data: Float32Array.of(0), shape: [1, 1] },
      { data: Float32Array.of(0), shape: [1] },
    ]);
    const [x, y] = [
      { data: Float32Array.of(1), shape: [1, 1] },
      { data: Float32Array.of(1), shape: [1, 1] },
    ];
    model.optimizer.learningRate = 0.25;
    await model.fit(x, y);
    // dE/dw = dE/db = 0 - 1.
    expect(flat(model.getWeights())).toEqual([0.25, 0.25]);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'a rate of %d ends training with an OptionError',
    async (rate) => {
      const { x, y } = smallData(2);
      const model = keep(smallModel());
      const before = flat(model.getWeights());
      const fitting = model.fit(x, y, { callbacks: learningRateScheduler(() => rate) });
      await expect(fitting).rejects.toThrow(OptionError);
      await expect(fitting).rejects.toThrow(`sgd: learningRate must be a number in [0, Infinity], got ${rate}`);
      expectSameBits('weights', flat(model.getWeights()), before);
    },
  );
});

describe('verbose', () => {
  it('is silent by default, and prints a line per epoch when asked', async () => {
    const { x, y } = smallData(4);
    const model = keep(smallModel({ metrics: ['accuracy'] }));
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await model.fit(x, y);
      expect(log).not.toHaveBeenCalled();
      await model.fit(x, y, { epochs: 2, verbose: 2, validationSplit: 0.5 });
      const lines = log.mock.calls.map(([line]) => String(line));
      expect(lines).toHaveLength(2);
      expect(lines[1]).toMatch(
        /^epoch 2\/2: loss [\d.]+, accuracy [\d.]+, val_loss [\d.]+, val_accuracy [\d.]+, \d+ samples\/s$/,
      );
    } finally {
      log.mockRestore();
    }
  });
});
