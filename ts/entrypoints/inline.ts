// The library as one file with the kernels inside, for places that cannot serve a `.wasm`. One thread.
import type { Engine } from '../engine/engine.ts';
import type { EngineOptions } from '../engine/engineOptions.ts';
import * as inlined from '../engine/generated/inlined.js';
import { makeLoader } from '../engine/load.ts';
import { oneThread, type Platform } from '../engine/platform.ts';
import { bytesOfResponse } from '../engine/wasmSource.ts';
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

const readBytes: Platform['readBytes'] = async (url) => bytesOfResponse(await fetch(url));

const threads = oneThread('fourlane/inline has one thread; use the entry fourlane');
const loader = makeLoader({ compileModule, readBytes, threads });

/** {@inheritDoc Loader.init} */
export const init = (options?: EngineOptions): Promise<Engine> => {
  setStorage(indexedDbStorage);
  return loader.init(options);
};

/** {@inheritDoc Loader.createEngine} */
export const createEngine = (options?: EngineOptions): Promise<Engine> => {
  setStorage(indexedDbStorage);
  return loader.createEngine(options);
};
