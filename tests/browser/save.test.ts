import { beforeEach, expect, test } from 'vitest';
import type * as fourlane from '../../ts/entrypoints/browser.ts';
import { init, loadModel } from '../../ts/entrypoints/node.ts';
import { page, useChromium } from './fixture.ts';
import { dist, serveFolder } from './serve.ts';

const servers = useChromium({ library: () => serveFolder(dist) });

beforeEach(open);

interface PageGlobals {
  library: typeof fourlane;
  makeModel: () => fourlane.Sequential;
  data: () => [fourlane.NDArray, fourlane.NDArray];
}

/** Opens the page, anew when it is open. */
async function open(): Promise<void> {
  await page.goto(`${servers.library.url}/blank`);
  await page.addScriptTag({
    type: 'module',
    content: `import * as library from '/browser.js';
      await library.init({ build: 'simd' });
      globalThis.makeModel = () => {
        const { layers, sequential } = library;
        const model = sequential([layers.input({ shape: [8] }), layers.dense({ units: 3 })], { seed: 5 });
        model.compile({ loss: 'halfSquaredError', optimizer: library.adam({ learningRate: 0.01 }) });
        return model;
      };
      globalThis.data = () => [
        { data: Float32Array.from({ length: 320 }, (_, i) => (i % 7) - 3), shape: [40, 8] },
        { data: new Float32Array(120).fill(0.5), shape: [40, 3] },
      ];
      globalThis.library = library;`,
  });
  await page.waitForFunction(() => 'library' in globalThis);
}

test('IndexedDB keeps a model and checkpoints over a reload of the page', async () => {
  const straight = await page.evaluate(async () => {
    const { makeModel, data } = globalThis as unknown as PageGlobals;
    const model = makeModel();
    await model.fit(...data(), { batchSize: 8, epochs: 4 });
    const stopped = makeModel();
    await stopped.save('indexeddb://other');
    let steps = 0;
    const onBatchEnd = (): void => void (stopped.stopTraining = ++steps === 11);
    // The last checkpoint is that of the ninth step.
    const checkpoint = { target: 'indexeddb://checkpoint', everySteps: 3 };
    await stopped.fit(...data(), { batchSize: 8, epochs: 4, checkpoint, callbacks: { onBatchEnd } });
    return Array.from(model.getWeights()[0]!.data);
  });
  await open();
  const resumed = await page.evaluate(async () => {
    const { library, makeModel, data } = globalThis as unknown as PageGlobals;
    const loaded = await library.loadModel('indexeddb://checkpoint');
    const model = makeModel();
    await model.fit(...data(), { batchSize: 8, epochs: 4, resumeFrom: 'indexeddb://checkpoint' });
    const untrained = await library.loadModel('indexeddb://other');
    return {
      weights: Array.from(model.getWeights()[0]!.data),
      loaded: loaded.optimizer.name,
      untrained: untrained.getWeights().map(({ data: values }) => Array.from(values)),
      made: makeModel()
        .getWeights()
        .map(({ data: values }) => Array.from(values)),
    };
  });
  expect(resumed.weights).toEqual(straight);
  expect(resumed.loaded).toBe('adam');
  expect(resumed.untrained).toEqual(resumed.made);
});

test('a Blob can be downloaded, and Node loads it', async () => {
  const downloading = page.waitForEvent('download');
  const weights = await page.evaluate(async () => {
    const { makeModel } = globalThis as unknown as PageGlobals;
    const model = makeModel();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await model.save('blob'));
    link.download = 'model.safetensors';
    link.click();
    return Array.from(model.getWeights()[0]!.data);
  });
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('model.safetensors');
  await init();
  const model = await loadModel(await download.path());
  expect(Array.from(model.getWeights()[0]!.data)).toEqual(weights);
  model.dispose();
});

test('messages say what there is in a browser', async () => {
  const messages = await page.evaluate(async () => {
    const { library, makeModel } = globalThis as unknown as PageGlobals;
    const reasons = [library.loadModel('indexeddb://none'), library.loadModel('a/path'), makeModel().save('a/path')];
    const settled = await Promise.allSettled(reasons);
    return settled.map((one) => (one.status === 'rejected' ? String(one.reason) : 'none'));
  });
  expect(messages).toEqual([
    'DataError: loadModel: indexeddb://none does not exist',
    'OptionError: loadModel: expected "indexeddb://name", bytes, a Blob or a Response, got "a/path"',
    'OptionError: save: expected "indexeddb://name" or a function that takes bytes, got "a/path"',
  ]);
});
