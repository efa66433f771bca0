import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createEngine,
  init,
  layers,
  OptionError,
  sequential,
  StateError,
  type Engine,
  type EngineOptions,
} from '../../ts/entrypoints/node.ts';
import { currentDefault } from '../../ts/engine/defaultEngine.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

const keep = disposeAfterEach();
afterEach(() => currentDefault()?.ready?.dispose());

describe('init', () => {
  it('returns the same engine each time, also when called before the first is ready', async () => {
    const [a, b] = await Promise.all([init({ build: 'simd' }), init({ build: 'simd' })]);
    expect(b).toBe(a);
    expect(await init({ build: 'simd' })).toBe(a);
    expect(a.state).toBe('live');
    expect(a.build).toBe('simd');
  });

  it.each([[{ build: 'relaxed', threads: 1 }], [{ build: 'simd', threads: 2 }]])(
    'with other options than the first: StateError (%j)',
    async (options) => {
      await init({ build: 'simd', threads: 1 });
      const again = init(options as unknown as EngineOptions);
      await expect(again).rejects.toThrow(StateError);
      await expect(again).rejects.toThrow(
        /^init: called before with {"build":"simd","threads":1}, now with {.*}; dispose that engine/,
      );
    },
  );

  it.each([
    [{ build: 'fast' }, 'build must be "simd" or "relaxed", got "fast"'],
    [{ threads: 0 }, 'threads must be an integer in [1, 64], got 0'],
    [{ threads: 65 }, 'threads must be an integer in [1, 64], got 65'],
    [{ threads: 1.5 }, 'threads must be an integer in [1, 64], got 1.5'],
    [{ threads: NaN }, 'threads must be an integer in [1, 64], got NaN'],
    [{ threads: '2' }, 'threads must be an integer in [1, 64], got "2"'],
    [{ workers: 2 }, 'unknown option workers; known: build, threads, wasm, maximumMemory'],
    ['simd', 'expected an options object, got "simd"'],
    [null, 'expected an options object, got null'],
  ])('refuses %j at first, and can be called again', async (options, message) => {
    const bad = options as unknown as EngineOptions;
    await expect(init(bad)).rejects.toThrow(new OptionError(`init: ${message}`));
    await expect(createEngine(bad)).rejects.toThrow(new OptionError(`createEngine: ${message}`));
    expect((await init()).state).toBe('live');
  });

  it('makes a new engine when the first one was disposed', async () => {
    const first = await init();
    first.dispose();
    const second = await init();
    expect(second).not.toBe(first);
    const model = keep(smallModel());
    expect(flat(model.getWeights()).length).toBeGreaterThan(0);
  });

  it('is missed with a sentence', () => {
    const model = keep(smallModel());
    expect(() => model.getWeights()).toThrow(new StateError('kernels not loaded: await init() first'));
  });

  it('is not needed for shapes, compile, summary and JSON', () => {
    const model = sequential([layers.input({ shape: [2] }), layers.dense({ units: 3 })]);
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    expect(model.outputShape).toEqual([3]);
    expect(model.summary({ printFn: vi.fn() })).toContain('Parameters: 9');
    expect(JSON.stringify(model)).toContain('"dense"');
  });
});

describe('several engines', () => {
  it('share nothing, and compute the same bits', async () => {
    const engines = await Promise.all([createEngine(), createEngine(), createEngine()]);
    expect(new Set(engines).size).toBe(3);
    const { x, y } = smallData(6);
    const models = engines.map((engine) => keep(smallModel({ engine })));
    for (const model of models) await model.fit(x, y, { epochs: 2, batchSize: 4 });
    const [first, ...others] = models.map((model) => flat(model.getWeights()));
    others.forEach((weights, i) => expectSameBits(`engine ${i + 1}`, weights, first!));

    const before = engines[1].memory();
    engines[0].alloc(10 << 20);
    expect(engines[1].memory()).toEqual(before);
    engines[0].dispose();
    expect(() => models[0]!.predictOnBatch(x)).toThrow(StateError);
    expectSameBits('after', flat(models[1]!.getWeights()), first!);
    engines.forEach((engine) => engine.dispose());
  });

  it('a model stays on its engine, whatever becomes the default', async () => {
    const own = await createEngine();
    const model = keep(smallModel({ engine: own }));
    const standard = await init();
    const before = standard.memory();
    model.getWeights();
    expect(standard.memory()).toEqual(before);
    expect(own.memory().allocations).toBeGreaterThan(0);
    own.dispose();
  });

  it('is refused when it is none', () => {
    const engine = { build: 'simd' } as unknown as Engine;
    expect(() => smallModel({ engine })).toThrow(OptionError);
    expect(() => smallModel({ engine })).toThrow(
      'sequential: engine must be made by init() or createEngine(), got Object',
    );
  });
});

describe('memory()', () => {
  it('counts allocations and bytes, and grows', async () => {
    const engine = await createEngine();
    const empty = engine.memory();
    expect(empty).toMatchObject({ usedBytes: 0, allocations: 0 });
    const blocks = [engine.alloc(1000), engine.alloc(4 << 20)];
    expect(engine.memory()).toMatchObject({ usedBytes: 1000 + (4 << 20), allocations: 2 });
    expect(engine.memory().byteLength).toBeGreaterThanOrEqual(empty.byteLength + (3 << 20));
    blocks.forEach((address) => expect(address % 64).toBe(0));
    blocks.forEach((address) => engine.free(address));
    expect(engine.memory()).toMatchObject({ usedBytes: 0, allocations: 0 });
    engine.dispose();
  });
});

describe('dispose', () => {
  it('may be called twice; every later call throws StateError', async () => {
    const engine = await createEngine();
    const model = smallModel({ engine });
    const { x, y } = smallData(3);
    model.trainOnBatch(x, y);
    engine.dispose();
    engine.dispose();
    expect(engine.state).toBe('disposed');
    const message = new StateError('engine: disposed; make a new one by init() or createEngine()');
    expect(() => engine.memory()).toThrow(message);
    expect(() => engine.alloc(1)).toThrow(message);
    expect(() => model.trainOnBatch(x, y)).toThrow(message);
    expect(() => model.getWeights()).toThrow(message);
    expect(() => model.inspect({ x, y })).toThrow(message);
    await expect(model.predict(x)).rejects.toThrow(message);
    await expect(model.fit(x, y)).rejects.toThrow(message);
    model.dispose();
    model.dispose();
    expect(() => model.getWeights()).toThrow(new StateError('model "sequential": disposed'));
  });

  it('frees the memory, although models that used it are still held', async () => {
    const engine = await createEngine();
    const model = smallModel({ engine });
    const { x, y } = smallData(3);
    model.trainOnBatch(x, y);
    model.predictOnBatch(x);
    const buffer = new WeakRef(engine.buffer);
    engine.dispose();
    // A WeakRef holds its target until the end of the job that made it.
    for (let turn = 0; turn < 20 && buffer.deref() !== undefined; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc!();
    }
    expect(buffer.deref()).toBeUndefined();
    expect(() => model.getWeights()).toThrow(StateError);
  });
});

describe('a trap', () => {
  it('makes every later call on that engine a StateError with the text of the panic; a new engine works', async () => {
    const [engine, other] = await Promise.all([createEngine(), createEngine()]);
    const { x, y } = smallData(4);
    const [model, healthy] = [keep(smallModel({ engine })), keep(smallModel({ engine: other }))];
    model.trainOnBatch(x, y);
    const trapping = (): unknown => engine.run((kernels) => kernels.trap_on_purpose());
    const message = /^engine: trapped and cannot be used again \(.*trapped on purpose.*\); make a new one$/s;
    expect(trapping).toThrow(StateError);
    expect(trapping).toThrow(message);
    expect(engine.state).toBe('trapped');
    for (const call of [
      () => engine.memory(),
      () => engine.alloc(8),
      () => model.trainOnBatch(x, y),
      () => model.predictOnBatch(x),
      () => model.getWeights(),
      () => model.setWeights([]),
      () => model.inspect({ x, y }),
      () => model.views(() => 0),
    ]) {
      expect(call).toThrow(StateError);
      expect(call).toThrow(message);
    }
    await expect(model.fit(x, y)).rejects.toThrow(message);
    await expect(model.evaluate(x, y)).rejects.toThrow(message);
    expect(Number.isFinite(healthy.trainOnBatch(x, y).loss)).toBe(true);
    model.dispose();
    engine.dispose();
    const replacement = await createEngine();
    expect(Number.isFinite(keep(smallModel({ engine: replacement })).trainOnBatch(x, y).loss)).toBe(true);
    replacement.dispose();
    other.dispose();
  });

  it('of the default engine: init makes a new one', async () => {
    const first = await init();
    expect(() => first.run((kernels) => kernels.trap_on_purpose())).toThrow(StateError);
    const model = keep(smallModel());
    expect(() => model.getWeights()).toThrow('kernels not loaded: await init() first');
    const second = await init();
    expect(second).not.toBe(first);
    expect(flat(model.getWeights()).length).toBeGreaterThan(0);
  });

  it('during fit ends that fit with it', async () => {
    const engine = await createEngine();
    const { x, y } = smallData(4);
    const onBatchEnd = (): void => {
      try {
        engine.run((kernels) => kernels.trap_on_purpose());
      } catch {
        // As if somebody else's call had trapped.
      }
    };
    const fitting = keep(smallModel({ engine })).fit(x, y, { callbacks: { onBatchEnd } });
    await expect(fitting).rejects.toThrow(/^engine: trapped/);
    engine.dispose();
  });
});

describe('errors of kernels that are no trap', () => {
  it('pass through, and the engine goes on', async () => {
    const engine = await createEngine();
    expect(() => engine.run((kernels) => kernels.arena_free(12345))).toThrow(/no allocation starts at address 12345/);
    expect(engine.state).toBe('live');
    expect(engine.memory().allocations).toBe(0);
    engine.dispose();
  });
});
