// `node tests/packaging/storeKnownLosses.ts`: stores the losses that every app in apps/ must come to. To be run when
// kernels sum in another order than before, and only then.
import { writeFile } from 'node:fs/promises';
import * as library from 'fourlane';
import { makeModel, tenSteps } from './apps/shared/tenSteps.js';

await library.init({ build: 'simd', threads: 1 });
const losses = await tenSteps(makeModel(library));
await writeFile(new URL('apps/knownLosses.json', import.meta.url), `${JSON.stringify(losses)}\n`);
