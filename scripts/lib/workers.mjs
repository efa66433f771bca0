// The programs of threads as one file each, beside the entries that start them.
import { existsSync } from 'node:fs';
import { bundleOptions, required, text } from './bundle.mjs';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

/** Their sources. Those of trainers hold the whole library. */
const programs = {
  poolWorker: 'ts/engine/workers/poolWorker.ts',
  nodePoolWorker: 'ts/engine/workers/nodePoolWorker.ts',
  trainerWorker: 'ts/worker/browserTrainer.ts',
  nodeTrainerWorker: 'ts/worker/nodeTrainer.ts',
};

const names = Object.keys(programs);

const outputOf = (name) => inRoot('ts', 'entrypoints', `${name}.js`);

/** Builds them when they are not up to date; true when there was something to do. */
export async function buildWorkers() {
  const isOutput = (file) => /^ts\/entrypoints\/.*\.(js|wasm)$/.test(file);
  const hash = hashOf(
    ['ts', 'package-lock.json', 'tsconfig.json', 'scripts/lib/workers.mjs', 'scripts/lib/bundle.mjs'],
    isOutput,
  );
  if (isCurrent('workers', hash) && names.every((name) => existsSync(outputOf(name)))) return false;
  console.log('build: workers');
  const { rolldown } = await import('rolldown');
  for (const name of names) {
    const bundle = await rolldown({ ...(await bundleOptions()), input: programs[name] });
    const files = { file: outputOf(name), codeSplitting: false, paths: required };
    await bundle.write({ ...files, ...text });
    await bundle.close();
  }
  record('workers', hash);
  return true;
}
