// Sources as the package that users get: dist/, one module per entry with shared chunks, types, and the wasm.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const entries = ['browser', 'node', 'nodeFiles', 'ops', 'presets', 'data'];

/** Builds dist/ when it is not up to date; true when there was something to do. */
export async function buildDist() {
  const dist = inRoot('dist');
  const hash = hashOf(['ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'scripts/lib/dist.mjs']);
  if (isCurrent('dist', hash) && existsSync(dist)) return false;
  console.log('build: dist');
  const { rolldown } = await import('rolldown');
  const { dts } = await import('rolldown-plugin-dts');
  rmSync(dist, { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: inRoot(),
    input: Object.fromEntries(entries.map((name) => [name, `ts/entrypoints/${name}.ts`])),
    platform: 'neutral',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    plugins: [dts({ tsconfig: inRoot('tsconfig.json') })],
  });
  // Flat, so that `new URL('./x.wasm', import.meta.url)` is right in whichever chunk it ends up.
  await bundle.write({ dir: dist, format: 'es', chunkFileNames: '[name]-[hash].js', sourcemap: false, comments: true });
  await bundle.close();
  const entrypoints = inRoot('ts', 'entrypoints');
  for (const file of readdirSync(entrypoints).filter((name) => name.endsWith('.wasm'))) {
    copyFileSync(join(entrypoints, file), join(dist, file));
  }
  record('dist', hash);
  return true;
}
