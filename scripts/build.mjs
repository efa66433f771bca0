// `npm run build`: crate -> wasm with its glue, and the programs of threads, beside the sources (ts/), then sources ->
// dist/. Each part is skipped when nothing that it is made from has changed.
import { buildDist } from './lib/dist.mjs';
import { inlineWasm } from './lib/inline.mjs';
import { main } from './lib/shell.mjs';
import { buildWasm } from './lib/wasm.mjs';
import { buildWorkers } from './lib/workers.mjs';

await main(async () => {
  const quiet = process.argv.includes('--quiet');
  const parts = [buildWasm(), inlineWasm(), await buildWorkers(), await buildDist()];
  const changed = parts.includes(true);
  if (!quiet || changed) console.log(changed ? 'build: done' : 'build: up to date');
});
