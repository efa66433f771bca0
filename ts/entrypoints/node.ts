import { makeLoader } from '../engine/load.ts';
import type { Platform } from '../engine/platform.ts';
import { fetchBytes } from '../engine/wasmSource.ts';
import { setStorage } from '../io/storage.ts';
import { fileStorage } from '../node/fileStorage.ts';
import { progressBar } from '../node/progressBar.ts';
import { setProgressCallback } from '../train/progress.ts';

export * from '../index.ts';
export { progressBar, type ProgressBarOptions, type TextStream } from '../node/progressBar.ts';

const wasm = {
  simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url),
  relaxed: (): URL => new URL('./fourlane_relaxed.wasm', import.meta.url),
  simd_threads: (): URL => new URL('./fourlane_simd_threads.wasm', import.meta.url),
  relaxed_threads: (): URL => new URL('./fourlane_relaxed_threads.wasm', import.meta.url),
};

const readBytes: Platform['readBytes'] = async (url) => {
  const { pathToFileURL } = await import('node:url');
  // Relative ones are relative to the working directory, as paths are.
  const absolute = new URL(url, pathToFileURL('./'));
  if (absolute.protocol !== 'file:') return fetchBytes(absolute);
  const { readFile } = await import('node:fs/promises');
  return readFile(absolute);
};

const compileModule: Platform['compileModule'] = async (name) => WebAssembly.compile(await readBytes(wasm[name]()));

const threads: Platform['threads'] = {
  availableParallelism: async () => (await import('node:os')).availableParallelism(),
  obstacle: () => undefined,
  async startHelper({ onMessage, onEnd }) {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(new URL('./nodePoolWorker.js', import.meta.url), { execArgv: [] });
    worker.on('message', onMessage);
    worker.on('error', (error: Error) => onEnd(error.message));
    worker.on('exit', (code) => onEnd(`exit code ${code}`));
    return {
      postMessage: (task) => worker.postMessage(task),
      terminate: () => void worker.terminate(),
      unref: () => worker.unref(),
    };
  },
};

function setUp(): void {
  setProgressCallback(progressBar);
  setStorage(fileStorage);
}

const loader = makeLoader({ setUp, compileModule, readBytes, threads });

/**
 * Loads the kernels and makes the default engine, which models use unless told otherwise. A second call returns the same
 * engine, or a new one when that was disposed or has trapped. Rejects with an OptionError for options that cannot be, and
 * with a StateError for others than those of the engine that is there.
 */
export const init = loader.init;

/** Makes one more engine, with a memory of its own; `sequential` takes it as an option. Rejects as {@link init} does. */
export const createEngine = loader.createEngine;
