import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installPackage, moduleSubpaths, specifierOf, type Installation } from './installPackage.ts';

/** The oldest TypeScript that users may have, and the project's own. */
const compilers = ['typescript-5.6', 'typescript'] as const;
const resolutions = { bundler: 'esnext', node16: 'node16', nodenext: 'nodenext' } as const;

/** A user's module. The lines that must not compile show that the types are found, not `any`. */
const consumer = `
import { createEngine, init, layers, loadModel, losses, sequential, sgd, StateError } from 'fourlane';
import type { Callback, Dataset, Engine, History, NDArray, Sequential } from 'fourlane';
import { seedThreeLayer } from 'fourlane/presets';
import { fromArrays } from 'fourlane/data';
import { conv2dForward, maxPool2dForward } from 'fourlane/ops';
import { loadMnist } from 'fourlane/node';
import { createTrainer, type Trainer } from 'fourlane/worker';

export function pool(picture: NDArray<Float32Array>, kernel: NDArray<Float32Array>): Int32Array {
  const features = conv2dForward(picture, kernel, { padding: 'same' });
  return maxPool2dForward(features, { poolSize: 2 }).positions.data;
}

export async function pictures(folder: string): Promise<number> {
  const { train } = await loadMnist(folder);
  return train.labels.data.length;
}

export async function train(): Promise<History> {
  const engine: Engine = await init();
  const other = await createEngine({ build: 'simd' });
  const bytes: number = engine.memory().byteLength + other.memory().usedBytes;
  const model: Sequential = sequential(
    [
      layers.input({ shape: [24, 24, 1] }),
      layers.conv2d({ filters: 8, kernelSize: [3, 3], padding: 'same', activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten({ order: 'channelsLast' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: 1, engine },
  );
  model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: losses.sparseCategoricalCrossentropy(), metrics: ['accuracy'] });
  const callback: Callback = { onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss, bytes) };
  const dataset: Dataset = fromArrays({ data: new Float32Array(576), shape: [1, 24, 24, 1] }, { data: Int32Array.of(3), shape: [1] });
  const history = await model.fit(dataset, { epochs: 1, callbacks: callback, signal: new AbortController().signal });
  const output: NDArray<Float32Array> = await seedThreeLayer({ seed: 2 }).predict(dataset);
  const first: number | undefined = output.data[0];
  if (first === undefined) throw new StateError('no output');
  return history;
}

export async function trainElsewhere(model: Sequential, dataset: Dataset): Promise<Uint8Array> {
  const trainer: Trainer = await createTrainer(model, { build: 'simd', threads: 2 });
  const history: History = await trainer.fit(dataset, { epochs: 2, checkpoint: { target: 'indexeddb://a', everySteps: 10 } });
  const weights: NDArray<Float32Array>[] = await trainer.getWeights();
  model.setWeights(weights);
  trainer.dispose();
  const loaded = await loadModel(await model.save('blob'));
  await loaded.fit(dataset, { epochs: history.epoch.length, resumeFrom: await model.save() });
  return loaded.save();
}

export async function mustNotCompile(model: Sequential, dataset: Dataset): Promise<void> {
  // @ts-expect-error: no such layer
  layers.conv3d({ filters: 8 });
  // @ts-expect-error: filters is a number
  layers.conv2d({ filters: '8', kernelSize: 3 });
  // @ts-expect-error: fit resolves with a history, not with a string
  const text: string = await model.fit(dataset);
  // @ts-expect-error: no such option
  await seedThreeLayer({ seeds: 1 }).fit(dataset, { epochs: text });
  // @ts-expect-error: a trainer is asynchronous
  (await createTrainer(model)).getWeights().length;
  // @ts-expect-error: no such build
  await createEngine({ build: 'simd64' });
}
`;

/** A user's CommonJS module. */
const commonJsConsumer = `
export async function load(): Promise<string> {
  const { seedThreeLayer } = await import('fourlane/presets');
  const { init } = await import('fourlane');
  await init();
  return seedThreeLayer().name;
}
`;

/** The same by \`require\`, which the types of Node 20.19 and later allow for ES modules. */
const requireConsumer = `
import fourlane = require('fourlane');
import presets = require('fourlane/presets');
export const model: fourlane.Sequential = presets.seedThreeLayer();
`;

let installed: Installation;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => installed?.dispose());

/** What the compiler says about these files in a folder of the user; nothing when all is well. */
async function compile(
  compiler: (typeof compilers)[number],
  resolution: keyof typeof resolutions,
  files: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const folder = join(installed.folder, [compiler, resolution, ...Object.keys(files)].join('-'));
  await mkdir(folder);
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    module: resolutions[resolution],
    moduleResolution: resolution,
    ...options,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`)), 'bin', 'tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: Error & { stdout: string }) => error.stdout || error.message,
  );
}

describe.each(compilers)('%s', (compiler) => {
  test.each(Object.keys(resolutions) as (keyof typeof resolutions)[])(
    'compiles with moduleResolution %s',
    async (resolution) => {
      const subpaths = moduleSubpaths(installed.manifest);
      const everyEntry = subpaths
        .map((subpath, i) => `export * as entry${i} from '${specifierOf(subpath)}';`)
        .join('\n');
      const files = { 'consumer.mts': consumer, 'everyEntry.mts': everyEntry };
      // Bundlers make no difference between .cts and .mts files.
      const commonJs = resolution === 'bundler' ? {} : { 'commonJs.cts': commonJsConsumer };
      expect(await compile(compiler, resolution, { ...files, ...commonJs })).toBe('');
    },
  );

  test('compiles for a browser, with stricter options than strict', async () => {
    const options = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, customConditions: ['browser'] };
    expect(await compile(compiler, 'bundler', { 'page.mts': consumer }, options)).toBe('');
  });
});

test('TypeScript 5.8 and later compile require() of the entries', async () => {
  expect(await compile('typescript', 'nodenext', { 'require.cts': requireConsumer })).toBe('');
});
