// `bun runInBun.ts BUILD` prints what ten steps came to, as JSON.
import * as library from '../../dist/node.js';
import { tenSteps } from './tenSteps.ts';

const build = process.argv[2] as 'simd' | 'relaxed';
console.log(JSON.stringify(await tenSteps(library as never, { build, threads: 1 })));
