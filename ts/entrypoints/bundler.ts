// The library over an import of the `.wasm`, for bundlers that make a module of it. The bundler compiles and
// instantiates it, so there is one engine on one thread, of the build `simd`, which runs everywhere.
import { currentDefault, setDefault } from '../engine/defaultEngine.ts';
import { Engine } from '../engine/engine.ts';
import { checkEngineOptions, sameChoice, type EngineChoice, type EngineOptions } from '../engine/engineOptions.ts';
import type { Bindings } from '../engine/generated/bindings.js';
import { hint } from '../engine/hint.ts';
import { OptionError, StateError } from '../errors.ts';
import { indexedDbStorage } from '../io/indexedDb.ts';
import { setStorage } from '../io/storage.ts';
import * as glue from './fourlane_bg.js';
import * as wasm from './fourlane_simd.wasm';

export * from '../index.ts';

glue.__wbg_set_wasm(wasm);
wasm.__wbindgen_start();

let made: Engine | undefined;

function makeEngine(where: string, { build, threads, wasm: source, maximumMemory }: EngineChoice): Engine {
  if (build === 'relaxed' || source !== undefined) {
    throw new OptionError(`${where}: fourlane/bundler has the build "simd" inside; use the entry fourlane for others`);
  }
  if (made !== undefined) {
    throw new StateError(`${where}: fourlane/bundler has one engine, and it was made before; use the entry fourlane`);
  }
  if (threads !== 'auto' && threads > 1) hint(`one thread instead of ${threads}: fourlane/bundler has no threads`);
  setStorage(indexedDbStorage);
  const { memory } = wasm;
  // The functions are those of the other glue; what makes an instance is the bundler's.
  made = new Engine({ build: 'simd', bindings: glue as unknown as Bindings, memory, maximumMemory });
  return made;
}

/**
 * Makes the default engine, which models use unless told otherwise, the only one that there can be. A second call returns
 * it. Rejects with an OptionError for options that cannot be, and with a StateError for others than those of the first
 * call, or once the engine was disposed or has trapped.
 */
export const init = async (options: EngineOptions = {}): Promise<Engine> => {
  const choice = checkEngineOptions('init', options);
  const current = currentDefault();
  if (current !== undefined && sameChoice(current.choice, choice)) return current.engine;
  const engine = makeEngine('init', choice);
  setDefault(choice, Promise.resolve(engine));
  return engine;
};

/** As `init`, but models have to be told of it: there is one engine, made by either. */
export const createEngine = async (options: EngineOptions = {}): Promise<Engine> =>
  Promise.resolve(makeEngine('createEngine', checkEngineOptions('createEngine', options)));
