import { OptionError, StateError } from '../errors.ts';
import { chooseBuild, type BuildName } from './builds.ts';
import { currentDefault, setDefault } from './defaultEngine.ts';
import { Engine } from './engine.ts';
import { checkEngineOptions, sameChoice, showChoice, type EngineChoice, type EngineOptions } from './engineOptions.ts';
import { createBindings } from './generated/single.js';
// Not by import(), which some bundlers refuse in the one file that they make of a worker.
import { createBindings as createThreadedBindings } from './generated/threads.js';
import { Helpers } from './helpers.ts';
import { hint } from './hint.ts';
import type { Platform, WasmName } from './platform.ts';
import { newSharedMemory } from './sharedMemory.ts';
import { chooseThreads } from './threads.ts';
import { compileSource, isThreaded, type WasmSource } from './wasmSource.ts';

/** `init` and `createEngine` of one environment; its entry says what they do, where users see it. */
export interface Loader {
  init: (options?: EngineOptions) => Promise<Engine>;
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

  async function makeEngine(where: string, choice: EngineChoice): Promise<Engine> {
    if (choice.wasm !== undefined) return makeFrom(where, choice, choice.wasm);
    const build = await chooseBuild(where, choice.build);
    const threads = await chooseThreads(choice.threads, platform.threads);
    if (threads > 1) {
      const threaded = await makeThreaded(await moduleOf(`${build}_threads`), threads, choice).catch(alone(threads));
      if (threaded !== undefined) return threaded;
    }
    return makeSingle(await moduleOf(build), choice);
  }

  /** An engine of a file that the user brings. */
  async function makeFrom(where: string, choice: EngineChoice, source: WasmSource): Promise<Engine> {
    await chooseBuild(where, 'simd');
    const module = await compileSource(where, source, (url) => platform.readBytes(url));
    let engine: Engine;
    try {
      if (isThreaded(module)) {
        engine = await makeThreaded(module, await chooseThreads(choice.threads, platform.threads), choice);
      } else {
        engine = makeSingle(module, choice);
        if (choice.threads !== 'auto' && choice.threads > 1) alone(choice.threads)('the wasm is one without threads');
      }
    } catch (cause) {
      // Other imports, or other exports, than the glue has.
      if (!(cause instanceof WebAssembly.LinkError || cause instanceof TypeError)) throw cause;
      throw new OptionError(`${where}: wasm is no file of this version of the library: ${cause.message}`, { cause });
    }
    if (choice.build !== 'auto' && choice.build !== engine.build) {
      engine.dispose();
      throw new OptionError(`${where}: wasm is the build "${engine.build}", build asks for "${choice.build}"`);
    }
    return engine;
  }

  function makeSingle(module: WebAssembly.Module, { maximumMemory }: EngineChoice): Engine {
    const bindings = createBindings();
    const { memory } = bindings.initSync({ module });
    return new Engine({ build: buildOf(bindings), bindings, memory, maximumMemory });
  }

  /** Throws when there is no room for a shared memory, or the threads cannot be started. */
  async function makeThreaded(
    module: WebAssembly.Module,
    threads: number,
    { maximumMemory }: EngineChoice,
  ): Promise<Engine> {
    const bindings = createThreadedBindings();
    const { memory } = bindings.initSync({ module, memory: newSharedMemory(maximumMemory) });
    bindings.pool_start(threads);
    const parts = { build: buildOf(bindings), bindings, memory, maximumMemory };
    if (threads === 1) return new Engine(parts);
    const helpers = await Helpers.start(platform.threads, threads - 1, { module, memory });
    return new Engine({ ...parts, helpers });
  }

  async function init(options: EngineOptions = {}): Promise<Engine> {
    platform.setUp();
    const choice = checkEngineOptions('init', options);
    const current = currentDefault();
    if (current === undefined) {
      const engine = makeEngine('init', choice);
      setDefault(choice, engine);
      return engine;
    }
    if (!sameChoice(current.choice, choice)) {
      const [before, now] = [showChoice(current.choice), showChoice(choice)];
      throw new StateError(`init: called before with ${before}, now with ${now}; dispose that engine first`);
    }
    return current.engine;
  }

  async function createEngine(options: EngineOptions = {}): Promise<Engine> {
    platform.setUp();
    return makeEngine('createEngine', checkEngineOptions('createEngine', options));
  }

  return { init, createEngine };
}

/** The build by what is in it: a user's file may have any name. */
function buildOf(bindings: { is_relaxed(): boolean }): BuildName {
  return bindings.is_relaxed() ? 'relaxed' : 'simd';
}

/** Says that there is one thread and why; nothing comes of the attempt. */
function alone(threads: number): (reason: unknown) => undefined {
  return (reason) => {
    hint(
      `one thread instead of ${threads}: ${typeof reason === 'string' ? reason : `starting the others failed (${String(reason)})`}`,
    );
    return undefined;
  };
}
