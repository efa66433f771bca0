import type { Engine } from '../engine/engine.ts';
import { makeLoader } from '../engine/load.ts';
import type { EngineOptions } from '../engine/builds.ts';

export * from '../index.ts';

const wasm = {
  simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url),
  relaxed: (): URL => new URL('./fourlane_relaxed.wasm', import.meta.url),
};

const loader = makeLoader(async (build) => {
  const url = wasm[build]();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`init: ${url.href} answered ${response.status} ${response.statusText}`);
  return WebAssembly.compile(await response.arrayBuffer());
});

/** {@inheritDoc Loader.init} */
export const init: (options?: EngineOptions) => Promise<Engine> = loader.init;

/** {@inheritDoc Loader.createEngine} */
export const createEngine: (options?: EngineOptions) => Promise<Engine> = loader.createEngine;
