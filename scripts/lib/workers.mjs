// The programs of the helper threads as one file each, beside the entries that start them.
import { existsSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const names = ['poolWorker', 'nodePoolWorker'];

const outputOf = (name) => inRoot('ts', 'entrypoints', `${name}.js`);

/** Builds them when they are not up to date; true when there was something to do. */
export async function buildWorkers() {
  const sources = ['ts/engine/workers', 'ts/engine/platform.ts', 'ts/engine/generated/threads.js'];
  const hash = hashOf([...sources, 'package-lock.json', 'tsconfig.json', 'scripts/lib/workers.mjs']);
  if (isCurrent('workers', hash) && names.every((name) => existsSync(outputOf(name)))) return false;
  console.log('build: workers');
  const { rolldown } = await import('rolldown');
  for (const name of names) {
    const input = `ts/engine/workers/${name}.ts`;
    const bundle = await rolldown({ cwd: inRoot(), input, platform: 'neutral', external: /^node:/ });
    await bundle.write({ file: outputOf(name), format: 'es', sourcemap: false, comments: true });
    await bundle.close();
  }
  record('workers', hash);
  return true;
}
