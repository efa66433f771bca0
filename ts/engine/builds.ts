import { simd } from 'wasm-feature-detect';
import { OptionError, StateError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/** Builds of the kernels. `simd`: plain SIMD128, the same bits on every engine. */
export type BuildName = 'simd';

/** Options of `init` and `createEngine`. */
export interface EngineOptions {
  /** Which build to load; default `simd`. */
  build?: BuildName;
}

/**
 * The build for these options on this machine.
 * Throws an OptionError for an unknown build, a StateError where WebAssembly SIMD is missing.
 */
export async function chooseBuild(options: EngineOptions): Promise<BuildName> {
  for (const key of Object.keys(options)) {
    if (key !== 'build') throw new OptionError(`init: unknown option ${key}; known: build`);
  }
  const build = options.build ?? 'simd';
  if (build !== 'simd') throw new OptionError(`init: build must be "simd", got ${describe(build)}`);
  if (!(await simd())) {
    throw new StateError(
      'init: this JavaScript engine has no WebAssembly SIMD (SIMD128); the oldest that work are ' +
        'Chrome and Edge 96, Firefox 89, Safari 16.4 and Node.js 20',
    );
  }
  return build;
}
