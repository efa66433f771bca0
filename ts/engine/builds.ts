import { relaxedSimd, simd } from 'wasm-feature-detect';
import { StateError } from '../errors.ts';

/**
 * Builds of the kernels. `simd`: plain SIMD128, the same bits on every engine. `relaxed`: multiply-add in one
 * instruction, faster; its bits hang on whether the machine fuses the two (`engine.fused`).
 */
export type BuildName = 'simd' | 'relaxed';

/**
 * The build that a choice comes to here. Throws a StateError where WebAssembly SIMD is missing, or a build that was
 * asked for by name.
 */
export async function chooseBuild(where: string, build: BuildName | 'auto'): Promise<BuildName> {
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
