import { beforeAll, describe, expect, it } from 'vitest';
import {
  createEngine,
  DataError,
  init,
  OptionError,
  StateError,
  type FitOptions,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** Weights after exactly so many steps of batch 1, in the order of `fit`. */
async function weightsAfter(steps: number, options: FitOptions = {}): Promise<number[]> {
  const { x, y } = smallData(6);
  const model = keep(smallModel());
  let done = 0;
  const onBatchEnd = (): void => void (model.stopTraining = ++done === steps);
  if (steps > 0) await model.fit(x, y, { epochs: 3, batchSize: 1, ...options, callbacks: { onBatchEnd } });
  return flat(model.getWeights());
}

describe('AbortSignal', () => {
  it('rejects with its reason after the current step, the model as after the last full step', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    const controller = new AbortController();
    const reason = { mine: true };
    const onBatchEnd = (batch: number): void => void (batch === 2 && controller.abort(reason));
    const fitting = model.fit(x, y, { epochs: 3, batchSize: 1, signal: controller.signal, callbacks: { onBatchEnd } });
    await expect(fitting).rejects.toBe(reason);
    expectSameBits('weights', flat(model.getWeights()), await weightsAfter(3));
  });

  it('comes through while training yields', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    const signal = AbortSignal.timeout(20);
    const fitting = model.fit(x, y, { epochs: 1e6, batchSize: 1, signal, yieldEvery: 1 });
    await expect(fitting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });

  it('aborted before, no hook is called and no weight changes', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    const events: string[] = [];
    const signal = AbortSignal.abort();
    const fitting = model.fit(x, y, { signal, callbacks: { onTrainBegin: () => void events.push('begin') } });
    await expect(fitting).rejects.toBe(signal.reason);
    expect(events).toEqual([]);
    expectSameBits('weights', flat(model.getWeights()), await weightsAfter(0));
  });

  it('ends a validation under way, before its next batch', async () => {
    const { x, y } = smallData(6);
    const controller = new AbortController();
    const asked: number[] = [];
    const validationData = {
      size: 3,
      xShape: [6, 6, 1],
      yShape: [],
      readX(indices: Uint32Array) {
        asked.push(...indices);
        controller.abort('enough');
      },
      readY: (_: Uint32Array, target: Float32Array | Int32Array) => void target.fill(0),
    };
    const options = { batchSize: 1, validationData, signal: controller.signal };
    await expect(keep(smallModel()).fit(x, y, options)).rejects.toBe('enough');
    expect(asked).toEqual([0]);
  });

  it('is refused when it is none', async () => {
    const { x, y } = smallData(2);
    const fitting = keep(smallModel()).fit(x, y, { signal: 'stop' as unknown as AbortSignal });
    await expect(fitting).rejects.toThrow(new OptionError('fit: signal must be an AbortSignal, got "stop"'));
  });
});

describe('stopTraining', () => {
  it('resolves with the history so far, the model as after the last full step', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    let ended = 0;
    const history = await model.fit(x, y, {
      epochs: 5,
      batchSize: 2,
      callbacks: {
        onBatchEnd: (batch, logs) => void (model.stopTraining = batch === 1 && logs.size === 2),
        onTrainEnd: () => void ended++,
      },
    });
    expect(history.epoch).toEqual([0]);
    expect(ended).toBe(1);
    expectSameBits('weights', flat(model.getWeights()), await weightsAfter(2, { batchSize: 2 }));
  });

  it('before the first step of an epoch leaves that epoch out', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel());
    const onEpochBegin = (epoch: number): void => void (model.stopTraining = epoch === 2);
    const { epoch, history } = await model.fit(x, y, { epochs: 5, callbacks: { onEpochBegin } });
    expect(epoch).toEqual([0, 1]);
    expect(history.loss!.every(Number.isFinite)).toBe(true);
  });

  it('set before fit does not stop it', async () => {
    const { x, y } = smallData(2);
    const model = keep(smallModel());
    model.stopTraining = true;
    expect((await model.fit(x, y, { epochs: 2 })).epoch).toEqual([0, 1]);
  });
});

describe('one fit at a time', () => {
  it('a second fit, and what would disturb the first, throw StateError', async () => {
    const { x, y } = smallData(4);
    const model = keep(smallModel());
    const message = (method: string): string => `${method}: the model is in training; await that fit first`;
    let tried = 0;
    const onBatchEnd = async (): Promise<void> => {
      tried++;
      await expect(model.fit(x, y)).rejects.toThrow(new StateError(message('fit')));
      const disturb: Record<string, () => unknown> = {
        compile: () => model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' }),
        trainOnBatch: () => model.trainOnBatch(x, y),
        computeGradients: () => model.computeGradients(x, y),
        applyGradients: () => model.applyGradients(),
        trainOnStagedBatch: () => model.trainOnStagedBatch(1),
        views: () => model.views(() => 0, { batchSize: 1 }),
      };
      for (const [method, call] of Object.entries(disturb)) expect(call).toThrow(new StateError(message(method)));
    };
    await model.fit(x, y, { batchSize: 2, callbacks: { onBatchEnd } });
    expect(tried).toBe(2);
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });
});

describe('disposal during fit', () => {
  const ways: [string, (model: Sequential, engine: { dispose(): void }) => void, RegExp][] = [
    ['of the model', (model) => model.dispose(), /^model "sequential": disposed$/],
    ['of the engine', (_, engine) => engine.dispose(), /^engine: disposed/],
  ];

  it.each(ways)('%s ends it with StateError, also in its last step', async (_, dispose, message) => {
    const { x, y } = smallData(4);
    for (const last of [0, 3]) {
      const engine = await createEngine();
      const model = smallModel({ engine });
      const onBatchEnd = (batch: number): void => void (batch === last && dispose(model, engine));
      const fitting = model.fit(x, y, { batchSize: 1, callbacks: { onBatchEnd } });
      await expect(fitting).rejects.toThrow(StateError);
      await expect(fitting).rejects.toThrow(message);
      expect(() => model.getWeights()).toThrow(StateError);
      model.dispose();
      engine.dispose();
    }
  });

  it('from outside, while it yields', async () => {
    const { x, y } = smallData(4);
    const model = smallModel();
    const fitting = model.fit(x, y, { epochs: 1e6, batchSize: 1, yieldEvery: 1 });
    setTimeout(() => model.dispose(), 5);
    await expect(fitting).rejects.toThrow(new StateError('model "sequential": disposed'));
  });
});

describe('a loss that is no number', () => {
  const nan = { data: Float32Array.of(Number.NaN), shape: [1, 1] };
  const one = { data: Float32Array.of(1), shape: [1, 1] };
  const message = /the loss is NaN; the weights are those from before this step/;

  it('stops fit with the weights from before that step', async () => {
    const model = keep(linearModel());
    const x = { data: Float32Array.of(1, 2, Number.NaN, 3), shape: [4, 1] };
    const y = { data: Float32Array.of(1, 1, 1, 1), shape: [4, 1] };
    const reference = keep(linearModel());
    await reference.fit(
      { data: x.data.slice(0, 2), shape: [2, 1] },
      { data: y.data.slice(0, 2), shape: [2, 1] },
      {
        batchSize: 1,
        shuffle: false,
      },
    );
    const fitting = model.fit(x, y, { batchSize: 1, shuffle: false });
    await expect(fitting).rejects.toThrow(DataError);
    await expect(fitting).rejects.toThrow(message);
    expectSameBits('weights', flat(model.getWeights()), flat(reference.getWeights()));
    expect((await model.fit(one, one)).history.loss!.every(Number.isFinite)).toBe(true);
  });

  it('infinite, in trainOnBatch and computeGradients too; gradients stay as they were', () => {
    const model = keep(linearModel());
    model.computeGradients(one, one);
    const gradients = model.views((views) => views.gradients.slice());
    const weights = flat(model.getWeights());
    const huge = { data: Float32Array.of(1e30), shape: [1, 1] };
    expect(() => model.trainOnBatch(huge, one)).toThrow(/^trainOnBatch: the loss is Infinity/);
    expect(() => model.computeGradients(nan, one)).toThrow(/^computeGradients: the loss is NaN/);
    expectSameBits(
      'gradients',
      model.views((views) => views.gradients.slice()),
      gradients,
    );
    expectSameBits('weights', flat(model.getWeights()), weights);
  });

  it('does not stop when told so', async () => {
    const model = keep(linearModel());
    const { history } = await model.fit(nan, one, { epochs: 2, stopOnNonFiniteLoss: false });
    expect(history.loss).toEqual([Number.NaN, Number.NaN]);
    expect(flat(model.getWeights())).toEqual([Number.NaN, Number.NaN]);
    expect(model.trainOnBatch(one, one, { stopOnNonFiniteLoss: false })).toEqual({ loss: Number.NaN });
    expect(await model.evaluate(one, one)).toEqual({ loss: Number.NaN });
  });
});
