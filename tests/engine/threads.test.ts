import type * as workerThreads from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BuildName } from '../../ts/engine/builds.ts';
import { createEngine, StateError, type Engine } from '../../ts/entrypoints/node.ts';
import { EngineBuffer, maxPool2dForward } from '../../ts/entrypoints/ops.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { values } from '../kernels/harness.ts';

const alive = vi.hoisted(() => new Set<unknown>());
vi.mock('node:worker_threads', async (importOriginal) => {
  const original = await importOriginal<typeof workerThreads>();
  class Worker extends original.Worker {
    constructor(...args: ConstructorParameters<typeof original.Worker>) {
      super(...args);
      alive.add(this);
      this.on('exit', () => alive.delete(this));
    }
  }
  return { ...original, default: { ...original, Worker }, Worker };
});

// Hooks run from the last to the first: this one after engines were disposed of.
afterEach(async () => {
  await vi.waitFor(() => expect(alive.size).toBe(0), { timeout: 20_000 });
});

const keep = disposeAfterEach();

/** Sum of squares on the engine's threads. */
function sumOfSquares(engine: Engine, array: Float32Array): number {
  const address = engine.alloc(array.byteLength);
  new Float32Array(engine.buffer, address, array.length).set(array);
  const sum = engine.run((kernels) => kernels.pool_sum_of_squares(array.length, address));
  engine.free(address);
  return sum;
}

describe.each<BuildName>(['simd', 'relaxed'])('%s', (build) => {
  it('computes with as many threads as asked for, and the same bits with each number', async () => {
    const array = values(5, 100_003);
    const exact = array.reduce((sum, x) => sum + x * x, 0);
    const { x, y } = smallData(6);
    const sums: number[] = [];
    const weights: number[][] = [];
    for (const threads of [1, 2, 3]) {
      const engine = keep(await createEngine({ build, threads }));
      expect(engine).toMatchObject({ build, threads, state: 'live' });
      expect(engine.run((kernels) => kernels.pool_workers())).toBe(threads);
      expect(alive.size).toBe([0, 1, 3][threads - 1]);
      for (let i = 0; i < 20; i++) sums.push(sumOfSquares(engine, array));
      const model = keep(smallModel({ engine }));
      const history = await model.fit(x, y, { epochs: 2, batchSize: 4 });
      expect(history.engine.threads).toBe(threads);
      weights.push(flat(model.getWeights()));
    }
    expect(Math.abs(sums[0]! / exact - 1)).toBeLessThan(1e-5);
    expect(new Set(sums).size).toBe(1);
    for (const other of weights) expectSameBits('weights', other, weights[0]!);
  });
});

it('shared memory grows under the threads', async () => {
  const engine = keep(await createEngine({ threads: 2 }));
  const array = values(6, 50_000);
  const before = sumOfSquares(engine, array);
  const { byteLength } = engine.memory();
  const block = engine.alloc(64 << 20);
  expect(engine.memory().byteLength).toBeGreaterThan(byteLength + (60 << 20));
  expect(engine.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(engine.buffer.byteLength).toBe(engine.memory().byteLength);
  // Behind the memory as the helpers found it.
  const far = new Float32Array(engine.buffer, block + (60 << 20), array.length);
  far.set(array);
  expect(engine.run((kernels) => kernels.pool_sum_of_squares(array.length, far.byteOffset))).toBe(before);
});

/** Every typed array inside a value. */
function arraysIn(value: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysIn) : [];
}

it('what the library returns is no part of the shared memory', async () => {
  const engine = keep(await createEngine({ threads: 2 }));
  const model = keep(smallModel({ engine }));
  const { x, y } = smallData(5);
  const input = keep(EngineBuffer.from(x, { engine }));
  const returned = {
    weights: model.getWeights(),
    predicted: await model.predict(x),
    predictedBatch: model.predictOnBatch(x),
    inspected: model.inspect({ x, y }),
    read: input.read(),
    pooled: maxPool2dForward(input, { poolSize: 2 }),
  };
  for (const [name, value] of Object.entries(returned)) {
    const arrays = arraysIn(value);
    expect(arrays.length, name).toBeGreaterThan(0);
    for (const array of arrays) expect(array.buffer, name).toBeInstanceOf(ArrayBuffer);
  }
});

it('several engines with threads live side by side; disposing of one leaves the others', async () => {
  const engines = await Promise.all([2, 3, 2].map((threads) => createEngine({ threads })));
  const array = values(7, 20_000);
  const sums = engines.map((engine) => sumOfSquares(engine, array));
  engines[0]!.dispose();
  engines[0]!.dispose();
  expect(() => engines[0]!.memory()).toThrow(StateError);
  sums.push(sumOfSquares(engines[1]!, array), sumOfSquares(engines[2]!, array));
  expect(new Set(sums).size).toBe(1);
  engines.forEach((engine) => engine.dispose());
});

it('can be started and ended many times', async () => {
  for (let turn = 0; turn < 30; turn++) {
    const engine = await createEngine({ threads: 2 });
    expect(sumOfSquares(engine, values(turn, 9000))).toBeGreaterThan(0);
    engine.dispose();
  }
});

describe('a helper that traps', () => {
  it('makes the engine a trapped one, with the text of its panic; others are unharmed', async () => {
    const [engine, other] = await Promise.all([createEngine({ threads: 2 }), createEngine({ threads: 2 })]);
    const failing = (): unknown => engine.run((kernels) => kernels.pool_failing_region(false));
    expect(failing).toThrow(StateError);
    expect(engine.state).toBe('trapped');
    expect(failing).toThrow(/^engine: trapped .*pool_probe.rs.*a helper trapped on purpose/s);
    await vi.waitFor(() => expect(alive.size).toBe(1), { timeout: 20_000 });
    expect(sumOfSquares(other, values(8, 9000))).toBeGreaterThan(0);
    engine.dispose();
    other.dispose();
  });

  it('or is killed, while nothing runs: the engine says so', async () => {
    const engine = keep(await createEngine({ threads: 2 }));
    const [worker] = alive as Set<workerThreads.Worker>;
    await worker!.terminate();
    expect(engine.state).toBe('trapped');
    expect(() => engine.memory()).toThrow(/^engine: trapped .*a thread ended: exit code 1/);
  });

  it('or never gives a block back: the calling thread gives up after some seconds', async () => {
    const engine = keep(await createEngine({ threads: 2 }));
    expect(() => engine.run((kernels) => kernels.pool_failing_region(true))).toThrow(/a helper does not answer/);
    expect(engine.state).toBe('trapped');
  });
});
