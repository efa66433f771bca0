import type { Engine } from '../engine/engine.ts';
import { makeLoader } from '../engine/load.ts';
import type { EngineOptions } from '../engine/builds.ts';
import { progressBar } from '../node/progressBar.ts';
import { setProgressCallback } from '../train/progress.ts';

export * from '../index.ts';
export { progressBar, type ProgressBarOptions, type TextStream } from '../node/progressBar.ts';

const wasm = {
  simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url),
  relaxed: (): URL => new URL('./fourlane_relaxed.wasm', import.meta.url),
};

const loader = makeLoader(async (build) => {
  const { readFile } = await import('node:fs/promises');
  return WebAssembly.compile(await readFile(wasm[build]()));
});

/** {@inheritDoc Loader.init} */
export const init = (options?: EngineOptions): Promise<Engine> => {
  setProgressCallback(progressBar);
  return loader.init(options);
};

/** {@inheritDoc Loader.createEngine} */
export const createEngine = (options?: EngineOptions): Promise<Engine> => {
  setProgressCallback(progressBar);
  return loader.createEngine(options);
};
