import { beforeEach, expect, test } from 'vitest';
import type * as fourlane from '../../ts/entrypoints/browser.ts';
import { inWorker, page, useChromium } from './fixture.ts';
import { dist, serveFolder } from './serve.ts';

type Library = typeof fourlane;

/** Those of one thread: these tests run in a page. */
const kernels = /\/fourlane_(simd|relaxed)\.wasm/;

const servers = useChromium({
  library: () => serveFolder(dist),
  copy: () => serveFolder(dist, { 'access-control-allow-origin': '*' }),
});

beforeEach(async () => {
  await page.goto(`${servers.library.url}/blank`);
});

/** Loads the browser entry as it is shipped, without a bundler, as `globalThis.library` of the page. */
async function loadLibrary(): Promise<void> {
  await page.addScriptTag({
    type: 'module',
    content: `import * as library from '/browser.js'; globalThis.library = library;`,
  });
  await page.waitForFunction(() => 'library' in globalThis);
}

/** What the functions evaluated in the page find there. */
interface PageGlobals {
  library: Library;
  makeModel: (engine: fourlane.Engine) => fourlane.Sequential;
  trainStep: (model: fourlane.Sequential) => number;
}

/** Loads the library and puts a small model and a step of it beside it. */
async function loadLibraryAndModel(): Promise<void> {
  await loadLibrary();
  await page.evaluate(() => {
    const globals = globalThis as unknown as PageGlobals;
    globals.makeModel = (engine) => {
      const { layers, losses, sequential, sgd } = globals.library;
      const model = sequential([layers.input({ shape: [8] }), layers.dense({ units: 300 })], { seed: 5, engine });
      model.compile({ loss: losses.halfSquaredError(), optimizer: sgd({ learningRate: 0.01 }) });
      return model;
    };
    globals.trainStep = (model) => {
      const x = { data: Float32Array.from({ length: 32 }, (_, i) => (i % 7) - 3), shape: [4, 8] };
      const y = { data: new Float32Array(1200).fill(0.5), shape: [4, 300] };
      return model.trainOnBatch(x, y).loss!;
    };
  });
}

test('import fetches no kernels; init does, once, and gives the same engine again', async () => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  await loadLibrary();
  expect(requested).toContain('/browser.js');
  expect(requested.filter((path) => path.endsWith('.wasm'))).toEqual([]);
  const same = await page.evaluate(async () => {
    const { library } = globalThis as unknown as PageGlobals;
    const [first, second] = await Promise.all([library.init(), library.init()]);
    return first === second && first === (await library.init());
  });
  expect(same).toBe(true);
  expect(requested.filter((path) => path.endsWith('.wasm'))).toEqual([expect.stringMatching(kernels)]);
});

test('init says what the server answered, and can be called again', async () => {
  await loadLibrary();
  const init = () =>
    page.evaluate(() =>
      (globalThis as unknown as PageGlobals).library.init().then(
        (engine) => engine.state,
        (error: Error) => error.message,
      ),
    );
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404 }));
  const [where, file, what] = (await init()).split(/(?<=init: |\.wasm )/);
  expect([where, what]).toEqual(['init: ', 'answered 404 Not Found']);
  expect(file).toMatch(new RegExp(`^${servers.library.url}${kernels.source} $`));
  await page.unroute('**/*.wasm');
  expect(await init()).toBe('live');
});

test('memory() counts what models hold, and falls back when they are disposed', async () => {
  await loadLibraryAndModel();
  const { before, during, after } = await page.evaluate(async () => {
    const { library, makeModel, trainStep } = globalThis as unknown as PageGlobals;
    const engine = await library.createEngine();
    const before = engine.memory();
    const model = makeModel(engine);
    trainStep(model);
    const during = engine.memory();
    model.dispose();
    return { before, during, after: engine.memory() };
  });
  expect(before.byteLength % 65536).toBe(0);
  expect(before).toMatchObject({ usedBytes: 0, allocations: 0 });
  // Weights, bias and their gradients, as float32.
  expect(during.usedBytes).toBeGreaterThanOrEqual(2 * 4 * 300 * (8 + 1));
  expect(during.allocations).toBeGreaterThan(0);
  expect(during.byteLength).toBeGreaterThanOrEqual(during.usedBytes);
  expect(after).toEqual({ byteLength: during.byteLength, usedBytes: 0, allocations: 0 });
});

test('two engines share nothing: the same steps on both give the same losses', async () => {
  await loadLibraryAndModel();
  const result = await page.evaluate(async () => {
    const { library, makeModel, trainStep } = globalThis as unknown as PageGlobals;
    const [one, two] = [await library.createEngine(), await library.createEngine()];
    const [first, second] = [makeModel(one), makeModel(two)];
    const ofFirst: number[] = [];
    const ofSecond: number[] = [];
    for (let step = 0; step < 3; step++) {
      ofFirst.push(trainStep(first));
      ofSecond.push(trainStep(second));
    }
    one.dispose();
    ofSecond.push(trainStep(second));
    return { ofFirst, ofSecond, states: [one.state, two.state] };
  });
  expect(new Set(result.ofFirst).size).toBe(3);
  expect(result.ofSecond.slice(0, 3)).toEqual(result.ofFirst);
  expect(result.ofSecond[3]).toBeLessThan(result.ofFirst[2]!);
  expect(result.states).toEqual(['disposed', 'live']);
});

test('a trap ends one engine with its panic text; others and new ones work', async () => {
  await loadLibraryAndModel();
  const result = await page.evaluate(async () => {
    const { library, makeModel, trainStep } = globalThis as unknown as PageGlobals;
    const failure = (call: () => unknown): string => {
      try {
        return `returned ${String(call())}`;
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };
    const trapped = await library.init();
    const other = await library.createEngine();
    const [onTrapped, onOther] = [makeModel(trapped), makeModel(other)];
    const loss = trainStep(onTrapped);
    const trap = failure(() => trapped.run((kernels) => kernels.trap_on_purpose()));
    const later = [failure(() => trapped.memory()), failure(() => trainStep(onTrapped))];
    const fresh = await library.init();
    return {
      trap,
      later,
      states: [trapped.state, other.state, fresh.state],
      losses: [loss, trainStep(onOther), trainStep(makeModel(fresh))],
    };
  });
  expect(result.trap).toMatch(/^StateError: engine: trapped and cannot be used again \(.*trapped on purpose.*\)/s);
  expect(result.later).toEqual([result.trap, result.trap]);
  expect(result.states).toEqual(['trapped', 'live', 'live']);
  expect(result.losses).toEqual([result.losses[0], result.losses[0], result.losses[0]]);
  expect(result.losses[0]).toBeGreaterThan(0);
});

test('fit leaves timers, messages and the network their turn', async () => {
  await loadLibraryAndModel();
  const epochs = await page.evaluate(async () => {
    const { library, makeModel } = globalThis as unknown as PageGlobals;
    const model = makeModel(await library.init());
    const x = { data: new Float32Array(80).fill(0.1), shape: [10, 8] };
    const y = { data: new Float32Array(3000), shape: [10, 300] };
    // So long that only what happens below ends it.
    const training = model.fit(x, y, { epochs: 1e9 });
    await new Promise((resolve) => setTimeout(resolve, 0));
    await fetch('/blank');
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
    await new Promise((resolve) => requestAnimationFrame(resolve));
    model.stopTraining = true;
    return (await training).epoch.length;
  });
  expect(epochs).toBeGreaterThan(0);
  expect(epochs).toBeLessThan(1e9);
});

test('three copies on a page train in turn as one does alone, and add no global', async () => {
  const entries = ['/browser.js', `${servers.copy.url}/browser.js`, '/inline.js'];
  const imports = entries.map((url, i) => `import * as copy${i} from '${url}';`).join('');
  const content = `${imports} globalThis.copies = [copy0, copy1, copy2];`;
  const globals = await page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  await page.addScriptTag({ type: 'module', content });
  await page.waitForFunction(() => 'copies' in globalThis);
  const { losses, distinct, added } = await page.evaluate(async (before) => {
    const { copies } = globalThis as unknown as { copies: Library[] };
    const x = { data: Float32Array.from({ length: 32 }, (_, i) => (i % 7) - 3), shape: [4, 8] };
    const y = { data: Float32Array.from({ length: 12 }, (_, i) => i % 3), shape: [4, 3] };
    const models: fourlane.Sequential[] = [];
    for (const { init, layers, sequential, sgd } of copies) {
      await init({ build: 'simd' });
      const model = sequential([layers.input({ shape: [8] }), layers.dense({ units: 3 })], { seed: 5 });
      model.compile({ loss: 'halfSquaredError', optimizer: sgd({ learningRate: 0.01 }) });
      models.push(model);
    }
    const losses: number[][] = models.map(() => []);
    for (let step = 0; step < 5; step++) models.forEach((model, i) => losses[i]!.push(model.trainOnBatch(x, y).loss!));
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
    return { losses, distinct: new Set(copies.map(({ sequential }) => sequential)).size, added };
  }, globals);
  expect(distinct).toBe(3);
  expect(added).toEqual(['copies']);
  expect(new Set(losses[0]).size).toBe(5);
  expect(losses).toEqual([losses[0], losses[0], losses[0]]);
});

test('works in a worker, where importing it adds no global', async () => {
  const result = await inWorker(`
    const before = Object.getOwnPropertyNames(globalThis);
    const { createEngine } = await import(${JSON.stringify(`${servers.library.url}/browser.js`)});
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
    const engine = await createEngine();
    postMessage({ added, state: engine.state });
  `);
  expect(result).toEqual({ added: [], state: 'live' });
});
