import { beforeAll, describe, expect, it } from 'vitest';
import { fromArrays, init, layers, losses, sequential, sgd, type Engine } from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { randomArray } from '../support/numbers.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});
const keep = disposeAfterEach();

/** Bytes of live JavaScript objects and array buffers. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc, as vitest.config.ts does');
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('memory', () => {
  it('of 1,000 models that come and go stays flat, and engine.memory() tells', () => {
    const { x, y } = smallData(8);
    const liveAndDie = (): { used: number } => {
      const model = smallModel();
      model.trainOnBatch(x, y);
      const { usedBytes } = engine.memory();
      model.dispose();
      return { used: usedBytes };
    };
    const before = engine.memory();
    liveAndDie();
    const first = engine.memory();
    expect({ ...first, byteLength: 0 }).toEqual({ ...before, byteLength: 0 });
    for (let i = 0; i < 1000; i++) expect(liveAndDie().used).toBeGreaterThan(before.usedBytes);
    expect(engine.memory()).toEqual(first);
  });

  it('takes none while training is steady', async () => {
    const { x, y } = smallData(50);
    const model = keep(smallModel({ metrics: ['accuracy'] }));
    const dataset = fromArrays(x, y);
    // Code is compiled and caches fill up in the first steps.
    await model.fit(dataset, { epochs: 40, batchSize: 8 });
    const wasm = engine.memory();
    const before = heapBytes();
    await model.fit(dataset, { epochs: 143, batchSize: 8 });
    const grown = heapBytes() - before;
    expect(engine.memory()).toEqual(wasm);
    // 1,001 steps: a number kept from each would be 8 KiB, an object for each 50 KiB and more, a batch 1.8 MB.
    expect(grown).toBeLessThan(256 * 1024);
  });

  it('makes little garbage in a step', () => {
    const { x, y } = smallData(8);
    const model = keep(smallModel());
    for (let i = 0; i < 2000; i++) model.trainOnBatch(x, y);
    const STEPS = 50;
    // Of several tries the least: the collector may run, and compilers allocate, at any time.
    const bytes = Array.from({ length: 5 }, () => {
      globalThis.gc!();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < STEPS; i++) model.trainOnBatch(x, y);
      return (process.memoryUsage().heapUsed - before) / STEPS;
    });
    // A dataset over the batch, a handful of views, closures and a log; a copy of the batch would be 1.2 KB more each.
    expect(Math.min(...bytes.map(Math.abs))).toBeLessThan(16 * 1024);
  });

  it('grows by nothing over 1,000 steps of LeNet-5, and a step makes no garbage that counts', () => {
    const [SAMPLES, STEPS] = [8, 250];
    const model = keep(
      sequential([
        layers.input({ shape: [28, 28, 1] }),
        layers.conv2d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'tanh' }),
        layers.maxPooling2d(),
        layers.conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
        layers.maxPooling2d(),
        layers.flatten(),
        layers.dense({ units: 120, activation: 'tanh' }),
        layers.dense({ units: 84, activation: 'tanh' }),
        layers.dense({ units: 10 }),
      ]),
    );
    const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
    model.compile({ optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }), loss });
    const x = randomArray([SAMPLES, 28, 28, 1], 1);
    const y = { data: Int32Array.from({ length: SAMPLES }, (_, i) => i), shape: [SAMPLES] };
    const train = (): void => {
      for (let i = 0; i < STEPS; i++) model.trainOnBatch(x, y);
    };
    // Code is compiled in the first steps.
    train();
    const [wasm, before] = [engine.memory(), heapBytes()];
    const garbage = Array.from({ length: 4 }, () => {
      const start = process.memoryUsage().heapUsed;
      train();
      return (process.memoryUsage().heapUsed - start) / STEPS;
    });
    const grown = heapBytes() - before;
    expect(engine.memory()).toEqual(wasm);
    // A number kept from each step would be 8 KB; what the runtime itself keeps varies by some 50 KB.
    expect(grown).toBeLessThan(128 * 1024);
    // 2 to 8 KB: the glue's result of each kernel, views, the log, and boxed numbers while code is not optimized yet. The
    // least of four, as the collector and compilers come at any time. A copy of the batch would be 25 KB.
    expect(Math.min(...garbage.map(Math.abs))).toBeLessThan(16 * 1024);
  });

  it('asked for in vain leaves the model usable', async () => {
    const { x, y } = smallData(2);
    const model = keep(smallModel());
    model.trainOnBatch(x, y);
    const huge = {
      size: 100_000_000,
      xShape: [6, 6, 1],
      yShape: [],
      readX: () => expect.fail('not reached'),
      readY: () => expect.fail('not reached'),
    };
    const { usedBytes } = engine.memory();
    await expect(model.evaluate(huge, { batchSize: huge.size })).rejects.toThrow(
      /^engine: out of memory: \d+ bytes asked for, \d+ in use$/,
    );
    expect(engine.memory().usedBytes).toBeLessThanOrEqual(usedBytes);
    expect(Number.isFinite(model.trainOnBatch(x, y).loss)).toBe(true);
  });
});
