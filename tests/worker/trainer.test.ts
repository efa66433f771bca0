import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adam,
  DataError,
  fromArrays,
  init,
  layers,
  learningRateScheduler,
  loadModel,
  OptionError,
  sequential,
  ShapeError,
  StateError,
  type Callback,
  type FitOptions,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { createTrainer, type Trainer } from '../../ts/entrypoints/nodeWorker.ts';
import { nodeEndpoint } from '../../ts/worker/nodeEndpoint.ts';
import { makeTrainer } from '../../ts/worker/trainer.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

const ENGINE = { build: 'simd', threads: 2 } as const;

let folder: string;
beforeAll(async () => {
  await init(ENGINE);
  folder = await mkdtemp(join(tmpdir(), 'fourlane-trainer-'));
});
afterAll(() => rm(folder, { recursive: true }));
const keep = disposeAfterEach();

const { x, y } = smallData(22);
const OPTIONS = { batchSize: 4, epochs: 3, validationData: [x, y] } as const satisfies FitOptions;

function model(): Sequential {
  const made = keep(smallModel());
  const optimizer = adam({ learningRate: 0.02 });
  made.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return made;
}

async function trainer(of: Sequential = model()): Promise<Trainer> {
  return keep(await createTrainer(of, ENGINE));
}

/** Arrays that a test may give away. */
function ownData() {
  return { x: { ...x, data: x.data.slice() }, y: { ...y, data: y.data.slice() } };
}

/** What a call throws, or what it returns rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a trainer', () => {
  it('does what the model does, bit for bit', async () => {
    const [here, there] = [model(), await trainer()];
    expect(there.engine).toEqual({ build: 'simd', fused: false, threads: 2 });
    const [mine, its] = [await here.fit(x, y, OPTIONS), await there.fit(x, y, OPTIONS)];
    expect({ ...its, samplesPerSecond: [] }).toEqual({ ...mine, samplesPerSecond: [] });
    expectSameBits('weights', flat(await there.getWeights()), flat(here.getWeights()));
    expect(await there.evaluate(x, y, { batchSize: 5 })).toEqual(await here.evaluate(x, y, { batchSize: 5 }));
    const out = new Float32Array(22 * 3);
    expect(await there.predict(x)).toEqual(await here.predict(x));
    expect((await there.predict(x, { out })).data).toBe(out);
    expectSameBits('out', out, (await here.predict(x)).data);
    const [inspected, expected] = [await there.inspect({ x, y }), here.inspect({ x, y })];
    expect(inspected).toEqual(expected);
    expect(inspected.paper).toEqual(expected.paper);
    expect(flat(model().getWeights()), 'the model here is as it was').not.toEqual(flat(here.getWeights()));
  });

  it('goes on with weights and optimizer of a model that was trained already', async () => {
    const here = model();
    await here.fit(x, y, OPTIONS);
    here.optimizer.learningRate = 0.005;
    const there = await trainer(here);
    await there.fit(x, y, OPTIONS);
    await here.fit(x, y, OPTIONS);
    expectSameBits('weights', flat(await there.getWeights()), flat(here.getWeights()));
    const other = model();
    await there.setWeights(other.getWeights());
    expectSameBits('weights that were set', flat(await there.getWeights()), flat(other.getWeights()));
  });

  it('predicts while it trains', async () => {
    const there = await trainer();
    const order: string[] = [];
    const fit = there.fit(x, y, { batchSize: 1, epochs: 200, yieldEvery: 0 }).then(() => order.push('fit'));
    await there.predict(x).then(() => order.push('predict'));
    there.stop();
    await fit;
    expect(order).toEqual(['predict', 'fit']);
  });

  it('copies arrays unless it is given them, and reads datasets', async () => {
    const there = await trainer();
    const own = ownData();
    await there.fit(own.x, own.y, OPTIONS);
    await there.predict(own.x);
    expectSameBits('x', own.x.data, x.data);
    expectSameBits('y', own.y.data, y.data);
    await there.evaluate(own.x, own.y, { transfer: true });
    expect([own.x.data.length, own.y.data.length]).toEqual([0, 0]);
    const [again, here] = [await trainer(), model()];
    await again.fit(fromArrays(x, y), { epochs: 2 });
    const { data, shape } = ownData().x;
    const shared = new Float32Array(new SharedArrayBuffer(data.byteLength));
    shared.set(data);
    await again.fit({ data: shared, shape }, ownData().y, { epochs: 2, transfer: true });
    await here.fit(x, y, { epochs: 2 });
    await here.fit(x, y, { epochs: 2 });
    expectSameBits('weights', flat(await again.getWeights()), flat(here.getWeights()));
    const seeking = there.fit({ ...fromArrays(x, y), seek: () => {} });
    await expect(seeking).rejects.toThrow(
      new OptionError('fit: a dataset that has to seek cannot go to another thread; give arrays'),
    );
  });

  it('saves, writes checkpoints and resumes', async () => {
    const [there, here] = [await trainer(), model()];
    await here.fit(x, y, OPTIONS);
    const path = join(folder, 'checkpoint');
    await there.fit(x, y, { ...OPTIONS, epochs: 2, checkpoint: { target: path, everySteps: 5 } });
    const again = await trainer();
    const checkpoints: Uint8Array[] = [];
    const target = (bytes: Uint8Array): void => void checkpoints.push(bytes);
    await again.fit(x, y, { ...OPTIONS, checkpoint: { target, everySteps: 5 }, resumeFrom: path });
    expectSameBits('weights', flat(await again.getWeights()), flat(here.getWeights()));
    expect(checkpoints).toHaveLength(1);
    const third = await trainer();
    await third.fit(x, y, { ...OPTIONS, resumeFrom: checkpoints[0]! });
    expectSameBits('weights', flat(await third.getWeights()), flat(here.getWeights()));
    await third.save(join(folder, 'model'));
    for (const source of [join(folder, 'model'), await third.save(), await third.save('blob')]) {
      expectSameBits('saved', flat(keep(await loadModel(source)).getWeights()), flat(here.getWeights()));
    }
  });
});

describe('callbacks of a trainer', () => {
  /** Names and numbers of all hooks that are called. */
  const recorder = (): { calls: string[]; callback: Callback } => {
    const calls: string[] = [];
    const note = (name: string) => (index?: unknown) =>
      void calls.push(`${name} ${typeof index === 'number' ? index : ''}`.trim());
    const names = [
      'setParams',
      'setModel',
      'onTrainBegin',
      'onTrainEnd',
      'onEpochBegin',
      'onEpochEnd',
      'onTrainSettled',
    ];
    return { calls, callback: Object.fromEntries(names.map((name) => [name, note(name)])) };
  };

  it('are called in the order of the model', async () => {
    const [mine, its] = [recorder(), recorder()];
    await model().fit(x, y, { ...OPTIONS, callbacks: mine.callback });
    await (await trainer()).fit(x, y, { ...OPTIONS, callbacks: its.callback });
    expect(its.calls).toEqual(mine.calls);
  });

  it('hear of batches now and then, of each that they hear its begin and its end', async () => {
    const count = async (reportEvery: number): Promise<string[]> => {
      const calls: string[] = [];
      const callbacks: Callback = {
        onBatchBegin: (batch) => void calls.push(`begin ${batch}`),
        onBatchEnd: (batch, logs) => void calls.push(`end ${batch} ${logs.size}`),
      };
      await (await trainer()).fit(x, y, { ...OPTIONS, callbacks, reportEvery });
      return calls;
    };
    const all = [4, 4, 4, 4, 4, 2].flatMap((size, batch) => [`begin ${batch}`, `end ${batch} ${size}`]);
    expect(await count(0)).toEqual([...all, ...all, ...all]);
    expect(await count(1e9)).toEqual(['begin 0', 'end 0 4']);
  });

  it('change rates, and stop training', async () => {
    const callbacks = (): Callback[] => [
      learningRateScheduler((_, rate) => rate / 2),
      { onEpochEnd: (epoch) => void (training!.stopTraining = epoch === 1), setModel: (own) => void (training = own) },
    ];
    let training: { stopTraining: boolean } | undefined;
    const here = model();
    const expected = await here.fit(x, y, { ...OPTIONS, callbacks: callbacks() });
    const there = await trainer();
    const history = await there.fit(x, y, { ...OPTIONS, callbacks: callbacks() });
    expect(history.epoch).toEqual([0, 1]);
    expect(history.history).toEqual(expected.history);
    expectSameBits('weights', flat(await there.getWeights()), flat(here.getWeights()));
  });

  it.each(['onTrainBegin', 'onEpochBegin', 'onEpochEnd', 'onBatchEnd', 'onTrainEnd'] as const)(
    'end fit by what they throw in %s, itself, and the trainer goes on',
    async (hook) => {
      const there = await trainer();
      const thrown = new RangeError('enough');
      let settled = 0;
      const callbacks: Callback = {
        [hook]: () => {
          throw thrown;
        },
        onTrainSettled: () => void settled++,
      };
      expect(await errorOf(() => there.fit(x, y, { ...OPTIONS, callbacks, epochs: 1000 }))).toBe(thrown);
      expect(settled).toBe(1);
      expect((await there.predict(x)).shape).toEqual([22, 3]);
    },
  );
});

describe('what goes wrong in a trainer', () => {
  it('is an error of the class and with the message that the model has', async () => {
    const [here, there] = [model(), await trainer()];
    const wrong: [(of: Sequential | Trainer) => unknown, new (message: string) => Error][] = [
      [(of) => of.fit(x, y, { epoch: 3 } as never), OptionError],
      [(of) => of.fit(x, y, { verbose: 3 as never }), OptionError],
      [(of) => of.fit(x, y, { callbacks: { onEpochStart: () => {} } as never }), OptionError],
      [(of) => of.fit({ data: x.data, shape: [22, 36] }, y), ShapeError],
      [(of) => of.predict({ data: new Float64Array(36), shape: [1, 6, 6, 1] } as never), DataError],
      [(of) => of.predict(x, { out: new Float32Array(65) }), ShapeError],
      [(of) => of.predict(x, { out: new Array(66) as never }), ShapeError],
      [(of) => of.evaluate(x, { data: Int32Array.from({ length: 22 }, () => 7), shape: [22] }), DataError],
      [(of) => of.fit(x, y, { validationData: 3 as never }), OptionError],
      [(of) => of.fit(x, y, { checkpoint: { target: 'a', every: 3 } as never }), OptionError],
      [(of) => of.fit(x, y, { checkpoint: null as never }), OptionError],
      [(of) => of.setWeights([]), ShapeError],
      [(of) => of.fit(x, y, { resumeFrom: new Uint8Array(3) }), DataError],
    ];
    for (const [call, Class] of wrong) {
      const [mine, its] = [await errorOf(() => call(here)), await errorOf(() => call(there))];
      expect(its).toBeInstanceOf(Class);
      expect(its).toHaveProperty('message', (mine as Error).message);
      expect(its).toHaveProperty('name', Class.name);
    }
    const unready = await trainer(
      sequential([layers.input({ shape: [6, 6, 1] }), layers.flatten(), layers.dense({ units: 3 })]),
    );
    await expect(unready.fit(x, y)).rejects.toThrow(StateError);
    await expect(there.fit(x, y, { checkpoint: { target: 3 as never } })).rejects.toThrow(
      new OptionError('fit: checkpoint: target: expected a name, a URL or a function that takes bytes, got 3'),
    );
    const cannot = there.fit(x, y, { batchSize: (() => 3) as never });
    await expect(cannot).rejects.toThrow(OptionError);
    await expect(cannot).rejects.toThrow(/^fit: cannot be sent to the thread: /);
  });

  it('a second fit is refused while one runs', async () => {
    const there = await trainer();
    const fit = there.fit(x, y, { epochs: 10_000, yieldEvery: 0 });
    await expect(there.fit(x, y)).rejects.toThrow(StateError);
    there.stop();
    await fit;
  });

  it('a signal ends fit with its reason', async () => {
    const there = await trainer();
    const controller = new AbortController();
    const reason = { any: 'thing' };
    const callbacks: Callback = { onEpochEnd: (epoch) => void (epoch === 3 && controller.abort(reason)) };
    const fit = there.fit(x, y, { epochs: 10_000, callbacks, signal: controller.signal });
    expect(await errorOf(() => fit)).toBe(reason);
    expect(await errorOf(() => there.fit(x, y, { signal: controller.signal }))).toBe(reason);
    await there.fit(x, y, { epochs: 1 });
  });

  it('options of the engine that cannot be, and what is no model', async () => {
    await expect(createTrainer(model(), { build: 'fast' as never })).rejects.toThrow(
      new OptionError('init: build must be "simd" or "relaxed", got "fast"'),
    );
    const missing = new Response('', { status: 404, statusText: 'Not Found' });
    await expect(createTrainer(model(), { wasm: missing })).rejects.toThrow(
      new OptionError('createTrainer: wasm: the response answered 404 Not Found'),
    );
    await expect(createTrainer({} as never)).rejects.toThrow(
      new OptionError('createTrainer: expected a model made by sequential(), got Object'),
    );
  });
});

describe('the thread of a trainer', () => {
  it('that dies rejects what is pending and all that comes, and the last checkpoint stays', async () => {
    let thread: Worker;
    const start: Parameters<typeof makeTrainer>[0] = async (onEnd) => {
      thread = new Worker(new URL('../../ts/entrypoints/nodeTrainerWorker.js', import.meta.url), { execArgv: [] });
      thread.on('exit', (code) => onEnd(`exit code ${code}`));
      const hold = (): void => {};
      return Promise.resolve({ endpoint: nodeEndpoint(thread), terminate: () => void thread.terminate(), hold });
    };
    const there = keep(await makeTrainer(start, model(), ENGINE));
    const path = join(folder, 'last');
    const callbacks: Callback = { onEpochEnd: (epoch) => void (epoch === 2 && thread.terminate()) };
    const checkpoint = { target: path, everySteps: 1 };
    const pending = [
      there.fit(x, y, { epochs: 10_000, callbacks, checkpoint }),
      there.predict(x).then(() => there.fit(x, y)),
    ];
    const errors = await Promise.all(pending.map((each) => errorOf(() => each)));
    expect(errors[0]).toBeInstanceOf(StateError);
    expect((errors[0] as Error).message).toBe(
      'trainer: the thread ended (exit code 1); what the last checkpoint wrote stays',
    );
    expect(errors[1]).toBeInstanceOf(StateError);
    expect(await errorOf(() => there.getWeights())).toBe(errors[0]);
    const again = await trainer();
    const history = await again.fit(x, y, { epochs: 4, resumeFrom: path });
    expect(history.epoch).toEqual([0, 1, 2, 3]);
  });

  it('that cannot be started is a StateError', async () => {
    const start: Parameters<typeof makeTrainer>[0] = (onEnd) => {
      const thread = new Worker('throw new Error("no")', { eval: true });
      thread.on('error', (error: Error) => onEnd(error.message));
      const hold = (): void => {};
      return Promise.resolve({ endpoint: nodeEndpoint(thread), terminate: () => void thread.terminate(), hold });
    };
    await expect(makeTrainer(start, model(), ENGINE)).rejects.toThrow(StateError);
    const never = makeTrainer(() => Promise.reject(new Error('none')), model(), ENGINE);
    await expect(never).rejects.toThrow('createTrainer: the thread could not be started: Error: none');
  });

  it('ends by dispose', async () => {
    const there = await trainer();
    const fit = there.fit(x, y, { epochs: 10_000 });
    there.dispose();
    await expect(fit).rejects.toThrow(new StateError('trainer: disposed'));
    await expect(there.predict(x)).rejects.toThrow(new StateError('trainer: disposed'));
  });

  it('keeps no process alive when nothing is pending', async () => {
    const entry = (name: string): string => new URL(`../../ts/entrypoints/${name}.ts`, import.meta.url).href;
    const program = `
      import { layers, sequential } from ${JSON.stringify(entry('node'))};
      import { createTrainer } from ${JSON.stringify(entry('nodeWorker'))};
      const model = sequential([layers.input({ shape: [2] }), layers.dense({ units: 1 })]);
      model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
      const trainer = await createTrainer(model, { threads: 2 });
      const { epoch } = await trainer.fit([[1, 2]], [[3]], { epochs: 3, callbacks: { onEpochEnd() {} } });
      console.log(epoch.length);
    `;
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    expect(stdout).toBe('3\n');
  });
});
