import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { importsWasm, installPackage, moduleSubpaths, specifierOf, type Installation } from './installPackage.ts';

/**
 * Imports `process.argv[2]` in a realm where whatever reaches outside throws, and prints which globals appeared,
 * vanished or were replaced. Ends by itself only if nothing was left running.
 */
const probe = `
  const specifier = process.argv[2];
  const forbid = (object, names) => {
    for (const name of names) {
      object[name] = function () { throw new Error(name + ' was called by the import of ' + specifier); };
    }
  };
  forbid(globalThis, ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'structuredClone']);
  forbid(globalThis, ['MessageChannel', 'Worker', 'SharedArrayBuffer', 'postMessage', 'addEventListener']);
  forbid(WebAssembly, ['compile', 'instantiate', 'validate', 'Module', 'Instance', 'Memory']);
  forbid(process, ['on', 'once', 'exit']);
  const snapshot = () =>
    new Map(Reflect.ownKeys(globalThis).map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));
  // Looking at a global for the first time makes Node load what is behind it, which adds globals of its own.
  snapshot();
  const before = snapshot();
  const resources = process.getActiveResourcesInfo().join();
  await import(specifier);
  const after = snapshot();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    return !Object.is(was?.value, is?.value) || was?.get !== is?.get || was?.set !== is?.set;
  });
  const left = process.getActiveResourcesInfo().join();
  console.log(JSON.stringify({ changed: changed.map(String), resources: left === resources ? 'as before' : left }));
`;

/** The same in a worker of Node. */
const workerProbe = `
  import { Worker } from 'node:worker_threads';
  const worker = new Worker(new URL('./probe.mjs', import.meta.url), { argv: [process.argv[2]], execArgv: process.execArgv });
  worker.on('error', (error) => { throw error; });
`;

let installed: Installation;

beforeAll(async () => {
  installed = await installPackage();
  await writeFile(join(installed.folder, 'probe.mjs'), probe);
  await writeFile(join(installed.folder, 'workerProbe.mjs'), workerProbe);
  await writeFile(join(installed.folder, 'guilty.mjs'), 'globalThis.leaked = 1; export {};');
  await writeFile(join(installed.folder, 'busy.mjs'), 'await 0; fetch("https://localhost/");');
});

afterAll(() => installed?.dispose());

/** As users write them. */
const quietEntries = (): string[] =>
  moduleSubpaths(installed.manifest)
    .filter((subpath) => subpath !== importsWasm)
    .map(specifierOf);

interface Effects {
  changed: string[];
  resources: string;
}

async function effectsOf(specifier: string, program: string, conditions: string[] = []): Promise<Effects> {
  const { stdout } = await promisify(execFile)(process.execPath, [...conditions, program, specifier], {
    cwd: installed.folder,
    timeout: 60_000,
  });
  return JSON.parse(stdout) as Effects;
}

describe.each(['probe.mjs', 'workerProbe.mjs'])('%s', (program) => {
  test('every entry is imported without any effect', async () => {
    for (const specifier of quietEntries()) {
      expect(await effectsOf(specifier, program), specifier).toEqual({ changed: [], resources: 'as before' });
    }
  });

  test('so are the files for browsers, on a server that does not know them apart', async () => {
    expect(await effectsOf('./node_modules/fourlane/dist/browser.js', program)).toEqual({
      changed: [],
      resources: 'as before',
    });
  });

  test('the probe sees effects', async () => {
    expect(await effectsOf('./guilty.mjs', program)).toEqual({ changed: ['leaked'], resources: 'as before' });
    await expect(effectsOf('./busy.mjs', program)).rejects.toThrow('fetch was called by the import of ./busy.mjs');
  });
});

test('a bundle keeps nothing of an entry that is imported but not used', async () => {
  for (const specifier of quietEntries()) {
    const code = await bundleOf(`import * as all from '${specifier}';`);
    expect(code.replace(/\/\/.*$/gm, '').trim(), specifier).toBe('');
  }
  expect(await bundleOf(`import { sgd } from 'fourlane'; console.log(sgd());`)).not.toContain('WebAssembly');
});

/** The program as one chunk, with side effects taken from package.json. */
async function bundleOf(program: string): Promise<string> {
  const input = join(installed.folder, 'bundled.mjs');
  await writeFile(input, program);
  return bundle({ input, platform: 'browser', logLevel: 'silent' });
}
