import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { checkKnown } from '../options.ts';
import type { BuildName } from './builds.ts';
import { checkWasmSource, type WasmSource } from './wasmSource.ts';

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
  /**
   * One of the package's `.wasm` files, for those who serve or bundle it themselves: a URL, its bytes, a `Response`, or a
   * compiled module. It settles the build, and one without `_threads` in its name has one thread.
   */
  wasm?: WasmSource;
  /**
   * Bytes that the engine may take in all, at least 16 MiB; default 4 GiB. With several threads so much address space is
   * reserved, less where the system refuses; where nothing can be reserved there is one thread.
   */
  maximumMemory?: number;
}

/** Options with defaults filled in; `auto` is the best that works. */
export interface EngineChoice {
  build: BuildName | 'auto';
  threads: number | 'auto';
  wasm: WasmSource | undefined;
  maximumMemory: number;
}

/** Most threads that may be asked for. */
const MOST_THREADS = 64;

/** What 32-bit addresses reach. */
export const MOST_MEMORY = 4 * 1024 * 1024 * 1024;

const LEAST_MEMORY = 16 * 1024 * 1024;

const known: readonly (keyof EngineOptions)[] = ['build', 'threads', 'wasm', 'maximumMemory'];

/** Options with defaults. Throws an OptionError for what is no object, not known, or out of range. */
export function checkEngineOptions(where: string, options: unknown): EngineChoice {
  checkKnown(where, options, known);
  const { build = 'auto', threads = 'auto', wasm, maximumMemory = MOST_MEMORY } = options as EngineOptions;
  if (build !== 'auto' && build !== 'simd' && build !== 'relaxed') {
    throw new OptionError(`${where}: build must be "simd" or "relaxed", got ${describe(build)}`);
  }
  if (threads !== 'auto' && !inRange(threads, 1, MOST_THREADS)) {
    throw new OptionError(`${where}: threads must be an integer in [1, ${MOST_THREADS}], got ${describe(threads)}`);
  }
  if (!inRange(maximumMemory, LEAST_MEMORY, MOST_MEMORY)) {
    const range = `[${LEAST_MEMORY}, ${MOST_MEMORY}] bytes`;
    throw new OptionError(`${where}: maximumMemory must be an integer in ${range}, got ${describe(maximumMemory)}`);
  }
  if (wasm !== undefined) checkWasmSource(where, wasm);
  return { build, threads, wasm, maximumMemory };
}

function inRange(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Whether two choices come to the same engine. */
export function sameChoice(a: EngineChoice, b: EngineChoice): boolean {
  return Object.keys(a).every((key) => a[key as keyof EngineChoice] === b[key as keyof EngineChoice]);
}

/** What is no default, as messages show it. */
export function showChoice({ build, threads, wasm, maximumMemory }: EngineChoice): string {
  return JSON.stringify({
    build,
    threads,
    ...(wasm !== undefined && { wasm: describe(wasm) }),
    ...(maximumMemory !== MOST_MEMORY && { maximumMemory }),
  });
}
