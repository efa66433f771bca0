import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, moduleSubpaths, type ExportTarget, type Installation } from './installPackage.ts';

const wasmFiles = ['relaxed', 'relaxed_threads', 'simd', 'simd_threads'].map((name) => `dist/fourlane_${name}.wasm`);

const threadPrograms = ['pool', 'nodePool', 'trainer', 'nodeTrainer'].map((name) => `dist/${name}Worker.js`);

let installed: Installation;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => installed?.dispose());

test('the package holds modules, their types, the wasm, licence and documents, and nothing else', () => {
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'THIRD_PARTY_NOTICES.md', 'package.json'];
  expect(installed.files.filter((file) => !file.startsWith('dist/'))).toEqual(documents);
  const dist = installed.files.filter((file) => file.startsWith('dist/'));
  expect(dist.filter((file) => file.endsWith('.wasm'))).toEqual(wasmFiles);
  expect(dist).toEqual(expect.arrayContaining(threadPrograms));
  for (const entry of ['node', 'browser', 'ops', 'presets', 'data', 'nodeFiles', 'worker', 'nodeWorker']) {
    expect(dist).toEqual(expect.arrayContaining([`dist/${entry}.js`, `dist/${entry}.d.ts`]));
  }
  // Flat, so that `new URL('./x.wasm', import.meta.url)` is right in any chunk.
  expect(dist.filter((file) => !/^dist\/[\w-]+(\.js|\.d\.ts|\.wasm)$/.test(file))).toEqual([]);
});

test.each(wasmFiles)('%s is whole', async (file) => {
  const bytes = await readFile(join(installed.packageFolder, file));
  expect(WebAssembly.validate(bytes)).toBe(true);
  expect(await readFile(new URL(`../../${file}`, import.meta.url))).toEqual(bytes);
});

test('the notices name, in its version, every npm package whose code is inside', async () => {
  const bundled = new Set<string>();
  for (const file of installed.files.filter((each) => each.endsWith('.js'))) {
    const code = await readFile(join(installed.packageFolder, file), 'utf8');
    // The bundler writes the path of each module before its code.
    for (const [, name] of code.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)) bundled.add(name!);
  }
  expect(bundled).toContain('wasm-feature-detect');
  const notices = await readFile(join(installed.packageFolder, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  for (const name of bundled) {
    const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    expect(notices).toContain(`\n## ${name} ${version}\n`);
  }
});

test('package.json has no dependencies, no side effects and no script that runs on install', () => {
  const { manifest } = installed;
  expect(manifest).toMatchObject({ name: 'fourlane', type: 'module', license: 'MIT', sideEffects: false });
  expect(manifest.engines).toEqual({ node: '^20.19 || >=22.12' });
  for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies', 'bin']) {
    expect(manifest[field], field).toBeUndefined();
  }
  const scripts = Object.keys(manifest.scripts as Record<string, string>);
  expect(scripts.filter((name) => /^(pre|post)?install$|^(pre|post)?prepare$/.test(name))).toEqual([]);
});

/** What is wrong with the conditions of a target; nothing for a right one. */
function faults(where: string, target: ExportTarget): string[] {
  if (typeof target === 'string') return [];
  const conditions = Object.keys(target);
  const found: string[] = [];
  if (conditions.at(-1) !== 'default') found.push(`${where} ends in ${conditions.at(-1)}`);
  if (conditions.indexOf('types') > conditions.indexOf('default')) found.push(`${where} has types behind default`);
  return found.concat(...conditions.map((condition) => faults(`${where} > ${condition}`, target[condition]!)));
}

test('conditions of exports end in default, none is import only, types come first', () => {
  const { exports } = installed.manifest;
  expect(Object.entries(exports).flatMap(([subpath, target]) => faults(subpath, target))).toEqual([]);
  expect(moduleSubpaths(installed.manifest)).toEqual([
    '.',
    './ops',
    './presets',
    './data',
    './worker',
    './node',
    './inline',
    './bundler',
  ]);
  // The check itself sees what it is for.
  expect(faults('.', { import: './a.js' })).toEqual(['. ends in import']);
  expect(faults('.', { node: { import: './a.js' }, default: './b.js' })).toEqual(['. > node ends in import']);
  expect(faults('.', { default: './b.js', types: './b.d.ts' })).not.toEqual([]);
});

function targets(target: ExportTarget): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(targets);
}

test('every target of exports, main and types is in the package', () => {
  const { exports, main, types } = installed.manifest;
  const named = [...Object.values(exports).flatMap(targets), main as string, types as string];
  expect(named.filter((target) => !installed.files.includes(target.replace('./', '')))).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});
