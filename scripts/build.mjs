// `npm run build`: crate -> wasm with its glue beside the sources (ts/), then sources -> dist/. Each half is skipped
// when nothing that it is made from has changed.
import { buildDist } from './lib/dist.mjs';
import { main } from './lib/shell.mjs';
import { buildWasm } from './lib/wasm.mjs';

await main(async () => {
  const quiet = process.argv.includes('--quiet');
  const wasm = buildWasm();
  const dist = await buildDist();
  if (!quiet || wasm || dist) console.log(wasm || dist ? 'build: done' : 'build: up to date');
});
