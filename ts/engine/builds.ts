import { simd } from 'wasm-feature-detect';
import { OptionError, StateError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/** Builds of the kernels. `simd`: plain SIMD128, the same bits on every engine. */
export type BuildName = 'simd';

/** The build that is loaded unless told otherwise. */
export const DEFAULT_BUILD: BuildName = 'simd';

/** Options of `init` and `createEngine`. */
export interface EngineOptions {
  /** Which build to load; default `simd`. */
  build?: BuildName;
}

/** Throws an OptionError for options that are no object, or hold a name or build that is not known. */
export function checkEngineOptions(where: string, options: unknown): EngineOptions {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(`${where}: expected an options object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (key !== 'build') throw new OptionError(`${where}: unknown option ${key}; known: build`);
  }
  const { build = DEFAULT_BUILD } = options as EngineOptions;
  if (build !== 'simd') throw new OptionError(`${where}: build must be "simd", got ${describe(build)}`);
  return { build };
}

/** Throws a StateError where WebAssembly SIMD is missing. */
export async function checkSimd(where: string): Promise<void> {
  if (await simd()) return;
  throw new StateError(
    `${where}: this JavaScript engine has no WebAssembly SIMD (SIMD128); the oldest that work are ` +
      'Chrome and Edge 96, Firefox 92, Safari 16.4 and Node.js 20',
  );
}
