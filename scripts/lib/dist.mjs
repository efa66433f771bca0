// Sources as the package that users get: dist/, one module per entry with shared chunks, types, the wasm, and the
// programs of threads.
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOptions, required, text } from './bundle.mjs';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

/** Share chunks, so that a model of one entry is a model of another. */
const entries = ['browser', 'node', 'nodeFiles', 'ops', 'presets', 'data', 'worker', 'nodeWorker', 'bundler'];

/** One file each, with all that they need inside; their types, which are those of the others. */
const alone = {
  inline: ["* from './browser.js'", "* as data from './data.js'", "* as presets from './presets.js'"],
};

/** What the entry for bundlers imports stays an import: the `.wasm` imports the same glue. */
const imported = ['./fourlane_bg.js', './fourlane_simd.wasm'];

/** Builds dist/ when it is not up to date; true when there was something to do. */
export async function buildDist() {
  const dist = inRoot('dist');
  const hash = hashOf([
    'ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'scripts/lib/dist.mjs',
    'scripts/lib/bundle.mjs',
  ]);
  if (isCurrent('dist', hash) && existsSync(dist)) return false;
  console.log('build: dist');
  const { rolldown } = await import('rolldown');
  const { dts } = await import('rolldown-plugin-dts');
  rmSync(dist, { recursive: true, force: true });
  const write = async (names, options, types = []) => {
    const bundle = await rolldown({
      ...(await bundleOptions(...types)),
      input: Object.fromEntries(names.map((name) => [name, `ts/entrypoints/${name}.ts`])),
      external: imported,
    });
    await bundle.write({ dir: dist, paths: required, ...text, ...options });
    await bundle.close();
  };
  // Flat, so that `new URL('./x.wasm', import.meta.url)` is right in whichever chunk it ends up.
  await write(entries, { chunkFileNames: '[name]-[hash].js' }, [dts({ tsconfig: inRoot('tsconfig.json') })]);
  for (const [name, types] of Object.entries(alone)) {
    await write([name], { codeSplitting: false });
    writeFileSync(join(dist, `${name}.d.ts`), types.map((what) => `export ${what};\n`).join(''));
  }
  const entrypoints = inRoot('ts', 'entrypoints');
  for (const file of readdirSync(entrypoints).filter((name) => /\.(wasm|js)$|^wasm\.d\.ts$/.test(name))) {
    copyFileSync(join(entrypoints, file), join(dist, file));
  }
  record('dist', hash);
  return true;
}
