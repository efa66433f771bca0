import { beforeAll, describe, expect, it } from 'vitest';
import { init, StateError, type Engine, type Sequential } from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});
const keep = disposeAfterEach();

describe('two models on one engine', () => {
  it('trained at the same time get the weights that each gets alone', async () => {
    const { x, y } = smallData(7);
    const options = { epochs: 4, batchSize: 2, yieldEvery: 0 };
    const alone = [keep(smallModel({ seed: 1 })), keep(smallModel({ seed: 2 }))];
    for (const model of alone) await model.fit(x, y, options);
    const together = [keep(smallModel({ seed: 1 })), keep(smallModel({ seed: 2 }))];
    const order: number[] = [];
    await Promise.all(
      together.map((model, i) => model.fit(x, y, { ...options, callbacks: { onBatchEnd: () => void order.push(i) } })),
    );
    // They did take turns: neither ran through before the other one began.
    expect(order.lastIndexOf(0)).toBeGreaterThan(order.indexOf(1));
    expect(order.lastIndexOf(1)).toBeGreaterThan(order.indexOf(0));
    together.forEach((model, i) => expectSameBits(`${i}`, flat(model.getWeights()), flat(alone[i]!.getWeights())));
  });

  it('survive that memory grows between steps', async () => {
    const { x, y } = smallData(6);
    const [grown, reference] = [keep(smallModel()), keep(smallModel())];
    await reference.fit(x, y, { epochs: 2, batchSize: 2 });
    const blocks: number[] = [];
    let growths = 0;
    const onBatchEnd = (): void => {
      const before = engine.memory().byteLength;
      blocks.push(engine.alloc(before));
      if (engine.memory().byteLength > before) growths++;
      engine.free(blocks.pop()!);
      blocks.push(engine.alloc(1 << 20));
    };
    await grown.fit(x, y, { epochs: 2, batchSize: 2, callbacks: { onBatchEnd } });
    for (const block of blocks) engine.free(block);
    expect(growths).toBeGreaterThan(0);
    expectSameBits('weights', flat(grown.getWeights()), flat(reference.getWeights()));
  });
});

describe('between batches of fit', () => {
  /** Runs `between` after every batch, and fails when the training came out otherwise than without. */
  async function undisturbed(between: (model: Sequential) => void | Promise<void>): Promise<void> {
    const { x, y } = smallData(6);
    const [model, reference] = [
      keep(smallModel({ metrics: ['accuracy'] })),
      keep(smallModel({ metrics: ['accuracy'] })),
    ];
    const options = { epochs: 2, batchSize: 2, validationSplit: 0.3 };
    const expected = await reference.fit(x, y, options);
    const got = await model.fit(x, y, { ...options, callbacks: { onBatchEnd: () => between(model) } });
    expect(got.history).toEqual(expected.history);
    expectSameBits('weights', flat(model.getWeights()), flat(reference.getWeights()));
  }

  it('predict sees the weights of the last full step', async () => {
    const { x } = smallData(9, 50);
    const copy = keep(smallModel());
    await undisturbed(async (model) => {
      copy.setWeights(model.getWeights());
      expectSameBits('predict', (await model.predict(x, { batchSize: 4 })).data, copy.predictOnBatch(x).data);
      expectSameBits('predictOnBatch', model.predictOnBatch(x).data, copy.predictOnBatch(x).data);
    });
  });

  it('a larger batch, which moves the work memory, does not disturb training', async () => {
    let size = 8;
    await undisturbed((model) => void model.predictOnBatch(smallData((size *= 2)).x));
  });

  it('evaluate, inspect, getWeights and views do not disturb training', async () => {
    const { x, y } = smallData(20, 50);
    await undisturbed(async (model) => {
      await model.evaluate(x, y);
      model.inspect({ x, y });
      expect(model.views(({ parameters }) => parameters.length)).toBeGreaterThan(0);
      model.getWeights().forEach(({ data }) => data.fill(0));
    });
  });
});

describe('calls under way', () => {
  it('predictions go on when the model is compiled anew, evaluations end with StateError; no memory is lost', async () => {
    const before = engine.memory();
    const model = smallModel();
    const { x, y } = smallData(40);
    const expected = model.predictOnBatch(x).data;
    const options = { batchSize: 1, yieldEvery: 0 };
    const predicting = model.predict(x, options);
    const evaluating = model.evaluate(x, y, options);
    const failed = expect(evaluating).rejects.toThrow(
      new StateError('evaluate: the model was compiled anew meanwhile'),
    );
    await Promise.resolve();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expectSameBits('predict', (await predicting).data, expected);
    await failed;
    model.dispose();
    expect({ ...engine.memory(), byteLength: 0 }).toEqual({ ...before, byteLength: 0 });
  });

  it('end with StateError when the model is disposed', async () => {
    const model = smallModel();
    const { x, y } = smallData(40);
    const calls = [
      model.predict(x, { batchSize: 1, yieldEvery: 0 }),
      model.evaluate(x, y, { batchSize: 1, yieldEvery: 0 }),
    ];
    const failed = calls.map((call) => expect(call).rejects.toThrow(new StateError('model "sequential": disposed')));
    model.dispose();
    await Promise.all(failed);
  });

  it('let the event loop run by elapsed time, without a timer', async () => {
    const { x, y } = smallData(64);
    const model = keep(smallModel());
    const timers = [globalThis.setTimeout, globalThis.setInterval];
    const refuse = ((): never => {
      throw new Error('a timer was set');
    }) as unknown as typeof setTimeout;
    const immediate = globalThis.setImmediate;
    let turns = 0;
    const count = (): void => {
      turns++;
      immediate(count).unref();
    };
    immediate(count).unref();
    globalThis.setTimeout = refuse;
    globalThis.setInterval = refuse;
    try {
      await model.fit(x, y, { epochs: 3, batchSize: 1, yieldEvery: 0 });
    } finally {
      [globalThis.setTimeout, globalThis.setInterval] = timers as [typeof setTimeout, typeof setInterval];
    }
    expect(turns).toBeGreaterThan(100);
  });
});
