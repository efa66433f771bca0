import { beforeAll, describe, expect, it } from 'vitest';
import { fromArrays, init, type Engine } from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

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
