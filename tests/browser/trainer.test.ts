import { expect, test } from 'vitest';
import type * as fourlane from '../../ts/entrypoints/browser.ts';
import { createEngine, layers, sequential } from '../../ts/entrypoints/node.ts';
import type * as worker from '../../ts/entrypoints/worker.ts';
import { expectSameBits } from '../support/compare.ts';
import { page, useChromium } from './fixture.ts';
import { dist, type FolderServer, isolating, serveFolder } from './serve.ts';

const servers = useChromium({
  plain: () => serveFolder(dist),
  isolated: () => serveFolder(dist, isolating),
  cdn: () => serveFolder(dist, { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }),
});

interface PageGlobals {
  library: typeof fourlane & typeof worker;
  makeModel: (library: Pick<typeof fourlane, 'layers' | 'sequential'>) => fourlane.Sequential;
  data: (samples: number) => [fourlane.NDArray, fourlane.NDArray];
}

/** W4 of the benchmark, the MNIST CNN. Handed to the page as text. */
function makeModel(library: Pick<typeof fourlane, 'layers' | 'sequential'>): fourlane.Sequential {
  const model = library.sequential([
    library.layers.input({ shape: [28, 28, 1] }),
    library.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    library.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    library.layers.maxPooling2d({ poolSize: 2 }),
    library.layers.flatten(),
    library.layers.dense({ units: 128, activation: 'relu' }),
    library.layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

/** Pictures by a linear congruential generator, and labels. */
function data(samples: number): [fourlane.NDArray, fourlane.NDArray] {
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  return [
    { data: Float32Array.from({ length: samples * 784 }, next), shape: [samples, 28, 28, 1] },
    { data: Int32Array.from({ length: samples }, () => Math.floor(next() * 10)), shape: [samples] },
  ];
}

/** Opens an empty page of a server, with the library from the same or another one. */
async function open({ url }: FolderServer, { url: from } = { url }): Promise<void> {
  await page.goto(`${url}/blank`);
  await page.addScriptTag({
    type: 'module',
    content: `import * as main from '${from}/browser.js'; import * as worker from '${from}/worker.js';
      Object.assign(globalThis, { library: { ...main, ...worker }, makeModel: ${String(makeModel)}, data: ${String(data)} });`,
  });
  await page.waitForFunction(() => 'library' in globalThis);
}

/** Loss of ten steps, and some weights, of a trainer in the page. */
function tenStepsInPage(options: fourlane.EngineOptions = {}) {
  return page.evaluate(async (own) => {
    const globals = globalThis as unknown as PageGlobals;
    const { createTrainer } = globals.library;
    const trainer = await createTrainer(globals.makeModel(globals.library), { build: 'simd', ...own });
    const [x, y] = globals.data(640);
    const { history } = await trainer.fit(x, y, { batchSize: 64, transfer: true });
    const weights = await trainer.getWeights();
    const { engine } = trainer;
    trainer.dispose();
    return { engine, loss: history.loss![0]!, weights: Array.from(weights[2]!.data), left: x.data.length };
  }, options);
}

test('threads where the page is isolated, one where it is not, with the bits of Node', async () => {
  const engine = await createEngine({ build: 'simd', threads: 1 });
  const model = makeModel({ layers, sequential: (list) => sequential(list, { engine }) });
  const { history } = await model.fit(...data(640), { batchSize: 64 });
  const weights = model.getWeights()[2]!.data;
  engine.dispose();

  await open(servers.isolated);
  const many = await tenStepsInPage({ threads: 2 });
  expect(many.engine).toEqual({ build: 'simd', fused: false, threads: 2 });
  await open(servers.isolated);
  const { hardwareConcurrency } = await page.evaluate(() => ({ hardwareConcurrency: navigator.hardwareConcurrency }));
  const chosen = await tenStepsInPage();
  expect(chosen.engine.threads, 'without any setting').toBe(Math.min(hardwareConcurrency, 8));
  await open(servers.plain);
  const one = await tenStepsInPage();
  expect(one.engine.threads).toBe(1);
  for (const run of [many, chosen, one]) {
    expect(run.loss).toBe(history.loss![0]);
    expectSameBits('weights', run.weights, weights);
    expect(run.left).toBe(0);
  }
});

test('the library may come from another origin, as from a CDN', async () => {
  for (const [server, threads] of [
    [servers.isolated, 2],
    [servers.plain, 1],
  ] as const) {
    await open(server, servers.cdn);
    expect((await tenStepsInPage({ threads: 2 })).engine.threads).toBe(threads);
  }
  // Relative to the page, and not to the program of the thread.
  expect((await tenStepsInPage({ wasm: 'fourlane_simd.wasm' })).engine.threads).toBe(1);
});

test('the page draws while W4 trains', async () => {
  await open(servers.isolated);
  const { frames, longest, epochs } = await page.evaluate(async () => {
    const globals = globalThis as unknown as PageGlobals;
    const trainer = await globals.library.createTrainer(globals.makeModel(globals.library));
    const [x, y] = globals.data(1280);
    let training = true;
    const times: number[] = [];
    const draw = (time: number): void => {
      if (!training) return;
      times.push(time);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    let told = 0;
    const callbacks = { onEpochEnd: () => void told++ };
    await trainer.fit(x, y, { batchSize: 128, epochs: 2, callbacks });
    training = false;
    trainer.dispose();
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    return { frames: times.length, longest: Math.max(...gaps), epochs: told };
  });
  console.log(`W4 in a page: ${frames} frames, longest gap between two ${longest.toFixed(1)} ms (aim 50 ms)`);
  expect(frames).toBeGreaterThan(0);
  expect(epochs).toBe(2);
});

test('errors keep their class, and a signal ends training with its reason', async () => {
  await open(servers.plain);
  const result = await page.evaluate(async () => {
    const globals = globalThis as unknown as PageGlobals;
    const { library } = globals;
    const trainer = await library.createTrainer(globals.makeModel(library), { threads: 1 });
    const [x, y] = globals.data(64);
    const wrong: unknown = await trainer.fit(x, { ...y, shape: [32, 2] }).catch((error: unknown) => error);
    const controller = new AbortController();
    const callbacks = { onBatchEnd: () => controller.abort('enough') };
    const options = { epochs: 1000, batchSize: 8, callbacks, signal: controller.signal };
    const reason: unknown = await trainer.fit(x, y, options).catch((error: unknown) => error);
    return { shape: wrong instanceof library.ShapeError, text: String(wrong), reason };
  });
  expect(result).toEqual({
    shape: true,
    text: 'ShapeError: fit: y: expected 64 targets, one for each input, got 32',
    reason: 'enough',
  });
});

test('a thread that dies rejects what is pending; its checkpoint stays in IndexedDB', async () => {
  await open(servers.plain);
  const ended = page.evaluate(async () => {
    const globals = globalThis as unknown as PageGlobals;
    const { library } = globals;
    const trainer = await library.createTrainer(globals.makeModel(library), { build: 'simd', threads: 1 });
    const [x, y] = globals.data(64);
    const checkpoint = { target: 'indexeddb://last', everySteps: 4 };
    const onEpochEnd = (epoch: number): void => {
      if (epoch === 2) console.log('kill');
    };
    const fit = trainer.fit(x, y, { epochs: 100_000, batchSize: 16, checkpoint, callbacks: { onEpochEnd } });
    const error: unknown = await fit.catch((reason: unknown) => reason);
    const died = error instanceof library.StateError;
    const next: unknown = await trainer.predict(x).catch((reason: unknown) => reason);
    const again = await library.createTrainer(globals.makeModel(library), { build: 'simd', threads: 1 });
    const { epoch } = await again.fit(x, y, { epochs: 4, batchSize: 16, resumeFrom: 'indexeddb://last' });
    return { died, text: String(error), same: next === error, epoch };
  });
  await page.waitForEvent('console', (message) => message.text() === 'kill');
  for (const thread of page.workers()) await thread.evaluate(() => self.close());
  const { epoch, ...rest } = await ended;
  expect(rest).toEqual({
    died: true,
    text: 'StateError: trainer: the thread ended (the browser ended it); what the last checkpoint wrote stays',
    same: true,
  });
  expect(epoch.slice(0, 3)).toEqual([0, 1, 2]);
});
