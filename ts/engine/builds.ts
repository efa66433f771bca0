import { relaxedSimd, simd } from 'wasm-feature-detect';
import { OptionError, StateError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/**
 * Builds of the kernels. `simd`: plain SIMD128, the same bits on every engine. `relaxed`: multiply-add in one
 * instruction, faster; its bits hang on whether the machine fuses the two (`engine.fused`).
 */
export type BuildName = 'simd' | 'relaxed';

/** Options of `init` and `createEngine`. */
export interface EngineOptions {
  /**
   * Which build to load; default `relaxed` where the JavaScript engine can run it, otherwise `simd`. Asked for where it
   * cannot, `relaxed` is refused.
   */
  build?: BuildName;
  /**
   * Threads that compute, the calling one among them; default `min(available parallelism, 8)`. Results do not
   * depend on it. Where threads cannot work there is one, and a hint on the console says why.
   */
  threads?: number;
}

/** Options with defaults filled in; `auto` is the best that works. */
export interface EngineChoice {
  build: BuildName | 'auto';
  threads: number | 'auto';
}

/** What is loaded unless told otherwise. */
export const DEFAULT_CHOICE: EngineChoice = { build: 'auto', threads: 'auto' };

/** Most threads that may be asked for. */
const MOST_THREADS = 64;

/** Options with defaults. Throws an OptionError for what is no object, not known, or out of range. */
export function checkEngineOptions(where: string, options: unknown): EngineChoice {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(`${where}: expected an options object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!(key in DEFAULT_CHOICE)) throw new OptionError(`${where}: unknown option ${key}; known: build, threads`);
  }
  const { build, threads } = options as EngineOptions;
  if (build !== undefined && build !== 'simd' && build !== 'relaxed') {
    throw new OptionError(`${where}: build must be "simd" or "relaxed", got ${describe(build)}`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new OptionError(`${where}: threads must be an integer in [1, ${MOST_THREADS}], got ${describe(threads)}`);
  }
  return { build: build ?? DEFAULT_CHOICE.build, threads: threads ?? DEFAULT_CHOICE.threads };
}

/**
 * The build that a choice comes to here. Throws a StateError where WebAssembly SIMD is missing, or a build that was
 * asked for by name.
 */
export async function chooseBuild(where: string, build: EngineChoice['build']): Promise<BuildName> {
  if (!(await simd())) {
    throw new StateError(
      `${where}: this JavaScript engine has no WebAssembly SIMD (SIMD128); the oldest that work are ` +
        'Chrome and Edge 96, Firefox 92, Safari 16.4 and Node.js 20',
    );
  }
  if (build === 'simd') return 'simd';
  if (await relaxedSimd()) return 'relaxed';
  if (build === 'auto') return 'simd';
  throw new StateError(`${where}: this JavaScript engine has no relaxed SIMD; leave out build, or set it to "simd"`);
}
