// Prints the milliseconds that `init()` of the built library takes in this fresh process. `startup.ts OPTIONS`.
import type { EngineOptions } from '../../../ts/engine/engineOptions.ts';
import type { Engine } from '../../../ts/engine/engine.ts';

const dist = new URL('../../../dist/node.js', import.meta.url).href;
const { init } = (await import(dist)) as { init: (options: EngineOptions) => Promise<Engine> };
const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;
const started = performance.now();
const engine = await init(options);
console.log(performance.now() - started);
engine.dispose();
