import type { Engine } from '../engine/engine.ts';
import { makeLoader } from '../engine/load.ts';
import type { EngineOptions } from '../engine/builds.ts';

export * from '../index.ts';

const wasm = { simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url) };

const loader = makeLoader(async (build) => {
  const { readFile } = await import('node:fs/promises');
  return WebAssembly.compile(await readFile(wasm[build]()));
});

/** {@inheritDoc Loader.init} */
export const init: (options?: EngineOptions) => Promise<Engine> = loader.init;

/** {@inheritDoc Loader.createEngine} */
export const createEngine: (options?: EngineOptions) => Promise<Engine> = loader.createEngine;
