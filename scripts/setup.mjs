// `npm run setup`: brings everything a fresh clone needs. The other scripts call it first, by run.mjs.
import { setUp } from './lib/setup.mjs';
import { main } from './lib/shell.mjs';

await main(() => {
  setUp();
  console.log('setup: ready');
});
