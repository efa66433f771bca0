import { StateError } from '../errors.ts';
import { checkEngineOptions, chooseBuild, DEFAULT_CHOICE, type BuildName, type EngineOptions } from './builds.ts';
import { currentDefault, setDefault } from './defaultEngine.ts';
import { Engine } from './engine.ts';

/** Compiles the wasm of a build; each environment has its own way to the bytes. */
export type CompileModule = (build: BuildName) => Promise<WebAssembly.Module>;

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

/** The loader over an environment's way to the bytes. Nothing is fetched before the first call. */
export function makeLoader(compileModule: CompileModule): Loader {
  // One compilation per build and realm; a failed one may be tried again.
  const modules = new Map<BuildName, Promise<WebAssembly.Module>>();

  function moduleOf(build: BuildName): Promise<WebAssembly.Module> {
    let module = modules.get(build);
    if (module === undefined) {
      module = compileModule(build);
      modules.set(build, module);
      module.catch(() => modules.delete(build));
    }
    return module;
  }

  async function makeEngine(where: string, options: EngineOptions): Promise<Engine> {
    const build = await chooseBuild(where, checkEngineOptions(where, options).build);
    return new Engine(build, await moduleOf(build));
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
