// The library as one file with the kernels inside, for places that cannot serve a `.wasm`. One thread.
import * as inlined from '../engine/generated/inlined.js';
import { makeLoader } from '../engine/load.ts';
import { oneThread, type Platform } from '../engine/platform.ts';
import { fetchBytes } from '../engine/wasmSource.ts';
import { indexedDbStorage } from '../io/indexedDb.ts';
import { setStorage } from '../io/storage.ts';

export * from '../index.ts';
// With models of this file's own engine, and so that one file is enough.
export * as data from './data.ts';
export * as presets from './presets.ts';

/** Base64 of gzip. */
const kernels = { simd: inlined.simd, relaxed: inlined.relaxed };

const compileModule: Platform['compileModule'] = async (name) => {
  const packed = Uint8Array.from(atob(kernels[name as keyof typeof kernels]), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compile(await new Response(unpacked).arrayBuffer());
};

const threads = oneThread('fourlane/inline has one thread; use the entry fourlane');
const setUp = (): void => setStorage(indexedDbStorage);

const loader = makeLoader({ setUp, compileModule, readBytes: fetchBytes, threads });

/**
 * Loads the kernels and makes the default engine, which models use unless told otherwise. A second call returns the same
 * engine, or a new one when that was disposed or has trapped. Rejects with an OptionError for options that cannot be, and
 * with a StateError for others than those of the engine that is there.
 */
export const init = loader.init;

/** Makes one more engine, with a memory of its own; `sequential` takes it as an option. Rejects as {@link init} does. */
export const createEngine = loader.createEngine;
