// Sources as the package that users get: dist/, one module per entry with shared chunks, types, the wasm, and the
// programs of threads.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOptions, required } from './bundle.mjs';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const entries = ['browser', 'node', 'nodeFiles', 'ops', 'presets', 'data', 'worker', 'nodeWorker'];

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
  const bundle = await rolldown({
    ...(await bundleOptions(dts({ tsconfig: inRoot('tsconfig.json') }))),
    input: Object.fromEntries(entries.map((name) => [name, `ts/entrypoints/${name}.ts`])),
  });
  // Flat, so that `new URL('./x.wasm', import.meta.url)` is right in whichever chunk it ends up.
  const files = { dir: dist, chunkFileNames: '[name]-[hash].js', paths: required };
  await bundle.write({ ...files, format: 'es', sourcemap: false, comments: true });
  await bundle.close();
  const entrypoints = inRoot('ts', 'entrypoints');
  for (const file of readdirSync(entrypoints).filter((name) => /\.(wasm|js)$/.test(name))) {
    copyFileSync(join(entrypoints, file), join(dist, file));
  }
  record('dist', hash);
  return true;
}
