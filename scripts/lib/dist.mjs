// Sources as the package that users get: dist/, one module per entry with shared chunks, types, the wasm, and the
// programs of threads.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

/** What the bundled CommonJS of `cli-progress` requires of Node; it becomes an import of the chunk that holds it. */
const required = { readline: 'node:readline', events: 'node:events' };

const entries = ['browser', 'node', 'nodeFiles', 'ops', 'presets', 'data'];

/** Builds dist/ when it is not up to date; true when there was something to do. */
export async function buildDist() {
  const dist = inRoot('dist');
  const hash = hashOf(['ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'scripts/lib/dist.mjs']);
  if (isCurrent('dist', hash) && existsSync(dist)) return false;
  console.log('build: dist');
  const { rolldown } = await import('rolldown');
  const { esmExternalRequirePlugin } = await import('rolldown/plugins');
  const { dts } = await import('rolldown-plugin-dts');
  rmSync(dist, { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: inRoot(),
    input: Object.fromEntries(entries.map((name) => [name, `ts/entrypoints/${name}.ts`])),
    platform: 'neutral',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    plugins: [
      esmExternalRequirePlugin({ external: [/^node:/, ...Object.keys(required)] }),
      dts({ tsconfig: inRoot('tsconfig.json') }),
    ],
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
