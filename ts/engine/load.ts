import { StateError } from '../errors.ts';
import { checkEngineOptions, chooseBuild, DEFAULT_CHOICE, type BuildName, type EngineOptions } from './builds.ts';
import { currentDefault, setDefault } from './defaultEngine.ts';
import { Engine } from './engine.ts';
import { createBindings } from './generated/single.js';
// Not by import(), which some bundlers refuse in the one file that they make of a worker.
import { createBindings as createThreadedBindings } from './generated/threads.js';
import { Helpers } from './helpers.ts';
import { hint } from './hint.ts';
import type { Platform, WasmName } from './platform.ts';
import { newSharedMemory } from './sharedMemory.ts';
import { chooseThreads } from './threads.ts';

/** `init` and `createEngine` of one environment. */
export interface Loader {
  /**
   * Loads the kernels and makes the default engine, which models use unless told otherwise. A second call returns the
   * same engine, or a new one when that was disposed or trapped. With other options than the first: StateError.
   */
  init: (options?: EngineOptions) => Promise<Engine>;
  /** Makes one more engine with a memory of its own. */
  createEngine: (options?: EngineOptions) => Promise<Engine>;
}

/** The loader over an environment's ways to bytes and threads. Nothing is fetched before the first call. */
export function makeLoader(platform: Platform): Loader {
  // One compilation per file and realm; a failed one may be tried again.
  const modules = new Map<WasmName, Promise<WebAssembly.Module>>();

  function moduleOf(name: WasmName): Promise<WebAssembly.Module> {
    let module = modules.get(name);
    if (module === undefined) {
      module = platform.compileModule(name);
      modules.set(name, module);
      module.catch(() => modules.delete(name));
    }
    return module;
  }

  async function makeEngine(where: string, options: EngineOptions): Promise<Engine> {
    const choice = checkEngineOptions(where, options);
    const build = await chooseBuild(where, choice.build);
    const threads = await chooseThreads(choice.threads, platform.threads);
    const threaded = threads > 1 ? await makeThreaded(build, threads) : undefined;
    if (threaded !== undefined) return threaded;
    const module = await moduleOf(build);
    const bindings = createBindings();
    const { memory } = bindings.initSync({ module });
    return new Engine({ build, bindings, memory });
  }

  /** None when the threads cannot be started, as where a policy of the page forbids the worker's file. */
  async function makeThreaded(build: BuildName, threads: number): Promise<Engine | undefined> {
    const module = await moduleOf(`${build}_threads`);
    const bindings = createThreadedBindings();
    try {
      const { memory } = bindings.initSync({ module, memory: newSharedMemory() });
      bindings.pool_start(threads);
      const helpers = await Helpers.start(platform.threads, threads - 1, { module, memory });
      return new Engine({ build, bindings, memory, helpers });
    } catch (error) {
      hint(`one thread instead of ${threads}: starting the others failed (${String(error)})`);
      return undefined;
    }
  }

  async function init(options: EngineOptions = {}): Promise<Engine> {
    const key = JSON.stringify({ ...DEFAULT_CHOICE, ...options });
    const current = currentDefault();
    if (current !== undefined) {
      if (current.key !== key) {
        throw new StateError(`init: called before with ${current.key}, now with ${key}; dispose that engine first`);
      }
      return current.engine;
    }
    const engine = makeEngine('init', options);
    setDefault(key, engine);
    return engine;
  }

  const createEngine = (options: EngineOptions = {}): Promise<Engine> => makeEngine('createEngine', options);
  return { init, createEngine };
}
