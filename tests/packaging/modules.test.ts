import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, moduleSubpaths, resolveTarget, type Installation } from './installPackage.ts';
import { factsOf, reachableFrom } from './moduleGraph.ts';

const browserConditions = ['browser', 'module', 'import'];
/** For Node alone; all other entries are for browsers too. */
const nodeOnly = './node';

let installed: Installation;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => installed?.dispose());

test('the reader of modules sees every way to ask for another one', () => {
  const code = `
    import a from 'a';
    import './b.js';
    export * from 'c';
    export { d } from 'd';
    const e = () => import('e');
    const f = (name) => import(name + '.js');
    const url = new URL('./g.wasm', import.meta.url);
    async function h() { await 1; for await (const x of y) {} }
    await h();
    for await (const x of y) {}
  `;
  const facts = factsOf('example.js', code);
  expect(facts.staticImports.sort()).toEqual(['./b.js', 'a', 'c', 'd']);
  expect(facts.dynamicImports).toEqual(['e', "<name + '.js'>"]);
  expect(facts.assets).toEqual(['./g.wasm']);
  expect(facts.topLevelAwaits).toHaveLength(2);
  expect(() => factsOf('example.js', 'const = 1')).toThrow('example.js');
});

test('files for browsers import only files of the package, by relative paths', async () => {
  const { exports } = installed.manifest;
  const subpaths = moduleSubpaths(installed.manifest).filter((subpath) => subpath !== nodeOnly);
  expect(subpaths.length).toBeGreaterThanOrEqual(4);
  for (const subpath of subpaths) {
    const entry = resolveTarget(exports[subpath]!, browserConditions)!;
    const modules = await reachableFrom(installed.packageFolder, entry, 'all');
    for (const [file, { staticImports, dynamicImports }] of modules) {
      const foreign = [...staticImports, ...dynamicImports].filter((specifier) => !specifier.startsWith('./'));
      expect(foreign, `${file}, reached from ${subpath}`).toEqual([]);
      expect(installed.files).toContain(file);
    }
    // The main entry really leads somewhere.
    if (subpath === '.') expect(modules.size).toBeGreaterThan(1);
  }
});

test('on Node, too, loading an entry loads nothing but the package', async () => {
  const { exports } = installed.manifest;
  for (const subpath of moduleSubpaths(installed.manifest).filter((one) => one !== nodeOnly)) {
    const entry = resolveTarget(exports[subpath]!, ['node', 'import'])!;
    for (const [file, { staticImports }] of await reachableFrom(installed.packageFolder, entry, 'static')) {
      const foreign = staticImports.filter((specifier) => !specifier.startsWith('./'));
      expect(foreign, `${file}, reached from ${subpath}`).toEqual([]);
    }
  }
});

test('no shipped module awaits at its top level; assets lie beside the modules that name them', async () => {
  const modules = installed.files.filter((file) => file.endsWith('.js'));
  const assets: string[] = [];
  for (const file of modules) {
    const facts = factsOf(file, await readFile(join(installed.packageFolder, file), 'utf8'));
    expect(facts.topLevelAwaits, file).toEqual([]);
    assets.push(...facts.assets.map((asset) => join('dist', asset)));
  }
  const wasm = ['simd', 'relaxed', 'simd_threads', 'relaxed_threads'].map((name) => `dist/fourlane_${name}.wasm`);
  const programs = ['pool', 'nodePool', 'trainer', 'nodeTrainer'].map((name) => `dist/${name}Worker.js`);
  expect(assets).toEqual(expect.arrayContaining([...wasm, ...programs]));
  expect(assets.filter((asset) => !installed.files.includes(asset))).toEqual([]);
});

test.each([
  ['poolWorker', '.'],
  ['trainerWorker', './worker'],
])(
  '%s, the program of a thread in browsers, is one file, and is started as bundlers look for it',
  async (name, subpath) => {
    const code = await readFile(join(installed.packageFolder, `dist/${name}.js`), 'utf8');
    const { staticImports, dynamicImports, topLevelAwaits } = factsOf(`${name}.js`, code);
    expect([staticImports, dynamicImports, topLevelAwaits]).toEqual([[], [], []]);
    const entry = resolveTarget(installed.manifest.exports[subpath]!, browserConditions)!;
    const modules = await reachableFrom(installed.packageFolder, entry, 'all');
    const codes = await Promise.all(
      [...modules.keys()].map((file) => readFile(join(installed.packageFolder, file), 'utf8')),
    );
    expect(codes.join('\n')).toMatch(
      new RegExp(`new Worker\\(new URL\\("\\./${name}\\.js", import\\.meta\\.url\\), \\{ type: "module" \\}\\)`),
    );
  },
);
