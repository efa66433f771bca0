// `npm run check`: types of the library, then of tests and examples.
import { inRoot } from './lib/paths.mjs';
import { main, run } from './lib/shell.mjs';

await main(() => {
  for (const project of ['tsconfig.json', 'tests/tsconfig.json']) {
    // By path: a second TypeScript, for the types that users get, brings another `tsc`.
    run(process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '--project', project]);
  }
});
