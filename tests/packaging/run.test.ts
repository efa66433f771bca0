import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, moduleSubpaths, specifierOf, type Installation } from './installPackage.ts';

const run = promisify(execFile);

/** Trains three steps and prints the losses; in it `fourlane` and `presets` are the namespaces of the two entries. */
const training = `
  // The build with the same bits everywhere.
  await fourlane.init({ build: 'simd' });
  const model = presets.seedThreeLayer({ seed: 3, filters: 4, units: 32 });
  model.compile({ loss: 'halfSquaredError', optimizer: fourlane.sgd({ learningRate: 0.01 }) });
  const x = { data: Uint8Array.from({ length: 5 * 576 }, (_, i) => (i * 37) % 256), shape: [5, 24, 24, 1], scale: 1 / 255 };
  const y = { data: Float32Array.from({ length: 50 }, (_, i) => (i % 11 === 0 ? 1 : 0)), shape: [5, 10] };
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 5 });
  console.log(JSON.stringify(history.loss));
`;

const programs = {
  'train.mjs': `import * as fourlane from 'fourlane';\nimport * as presets from 'fourlane/presets';\n${training}`,
  'inline.mjs': `import * as fourlane from 'fourlane/inline';\nconst { presets } = fourlane;\n${training}`,
  'inline.cjs': `const fourlane = require('fourlane/inline');\nconst { presets } = fourlane;\n(async () => {${training}})();`,
  // Node, too, makes a module of a .wasm.
  'bundler.mjs': `import * as fourlane from 'fourlane/bundler';\nimport * as presets from 'fourlane/presets';\n${training}`,
  'train.cjs': `const fourlane = require('fourlane');\nconst presets = require('fourlane/presets');\n(async () => {${training}})();`,
};

let installed: Installation;

beforeAll(async () => {
  installed = await installPackage();
  for (const [name, code] of Object.entries(programs)) await writeFile(join(installed.folder, name), code);
});

afterAll(() => installed?.dispose());

async function losses(node: string, program: keyof typeof programs): Promise<number[]> {
  const { stdout } = await run(node, [program], { cwd: installed.folder });
  return JSON.parse(stdout) as number[];
}

/** The node that the machine has besides the project's own; none, or too old, gives the reason. */
async function machineNode(): Promise<{ path: string } | { reason: string }> {
  const folders = process.env.PATH!.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const path = folders.map((folder) => join(folder, 'node')).find(isExecutable);
  if (path === undefined) return { reason: 'the machine has no Node of its own on its PATH' };
  const { stdout } = await run(path, ['--version']);
  const [major, minor] = stdout.slice(1).split('.').map(Number) as [number, number];
  const supported = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  return supported ? { path } : { reason: `the machine's own Node is ${stdout.trim()}, outside ^20.19 || >=22.12` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

test('trains by import and by require', async () => {
  const byImport = await losses(process.execPath, 'train.mjs');
  expect(byImport).toHaveLength(3);
  expect(byImport.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
  expect(byImport[2]).toBeLessThan(byImport[0]!);
  expect(await losses(process.execPath, 'train.cjs')).toEqual(byImport);
});

test.each(['inline.mjs', 'inline.cjs', 'bundler.mjs'] as const)('%s: the same bits', async (program) => {
  expect(await losses(process.execPath, program)).toEqual(await losses(process.execPath, 'train.mjs'));
});

test('fourlane/bundler has one engine of one build, and says so', async () => {
  const code = `
    import { init, createEngine } from 'fourlane/bundler';
    const message = (promise) => promise.then((engine) => engine.build, (error) => error.name + ': ' + error.message);
    const first = await init();
    const said = [(await init()) === first];
    said.push(await message(createEngine()), await message(init({ build: 'relaxed' })), await message(init({ wasm: 'x' })));
    console.log(JSON.stringify(said));
  `;
  await writeFile(join(installed.folder, 'oneEngine.mjs'), code);
  const { stdout } = await run(process.execPath, ['oneEngine.mjs'], { cwd: installed.folder });
  const other = 'fourlane/bundler has the build "simd" inside; use the entry fourlane for others';
  expect(JSON.parse(stdout)).toEqual([
    true,
    'StateError: createEngine: fourlane/bundler has one engine, and it was made before; use the entry fourlane',
    `OptionError: init: ${other}`,
    `OptionError: init: ${other}`,
  ]);
});

test("trains on the machine's own Node, with the same bits", async (context) => {
  const machine = await machineNode();
  if ('reason' in machine) return context.skip(machine.reason);
  const expected = await losses(process.execPath, 'train.mjs');
  expect(await losses(machine.path, 'train.mjs')).toEqual(expected);
  expect(await losses(machine.path, 'train.cjs')).toEqual(expected);
});

test('every entry loads by import and by require, as one module', async () => {
  const specifiers = moduleSubpaths(installed.manifest).map(specifierOf);
  const code = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    for (const specifier of ${JSON.stringify(specifiers)}) {
      if (require(specifier) !== (await import(specifier))) throw new Error(specifier + ' is loaded twice');
      console.log(specifier);
    }`;
  await writeFile(join(installed.folder, 'entries.mjs'), code);
  const { stdout } = await run(process.execPath, ['entries.mjs'], { cwd: installed.folder });
  expect(stdout.trim().split('\n')).toEqual(specifiers);
});
