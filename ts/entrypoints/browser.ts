import type { Engine } from '../engine/engine.ts';
import { makeLoader } from '../engine/load.ts';
import { mayWait } from '../engine/threads.ts';
import type { EngineOptions } from '../engine/builds.ts';
import { indexedDbStorage } from '../io/indexedDb.ts';
import { setStorage } from '../io/storage.ts';
import type { HelperMessage, Platform } from '../engine/platform.ts';

export * from '../index.ts';

const wasm = {
  simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url),
  relaxed: (): URL => new URL('./fourlane_relaxed.wasm', import.meta.url),
  simd_threads: (): URL => new URL('./fourlane_simd_threads.wasm', import.meta.url),
  relaxed_threads: (): URL => new URL('./fourlane_relaxed_threads.wasm', import.meta.url),
};

const compileModule: Platform['compileModule'] = async (name) => {
  const url = wasm[name]();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`init: ${url.href} answered ${response.status} ${response.statusText}`);
  return WebAssembly.compile(await response.arrayBuffer());
};

const threads: Platform['threads'] = {
  availableParallelism: () => Promise.resolve(navigator.hardwareConcurrency),
  obstacle() {
    if (!globalThis.crossOriginIsolated) {
      return (
        'the page is not cross-origin isolated; it needs the headers Cross-Origin-Opener-Policy: same-origin and ' +
        'Cross-Origin-Embedder-Policy: require-corp'
      );
    }
    if (!mayWait()) return "a page's main thread may not wait for others; run the library in a worker to use them";
    return typeof Worker === 'undefined' ? 'there are no workers here' : undefined;
  },
  startHelper({ onMessage, onEnd }) {
    // Written like this, in one expression, bundlers find it.
    const worker = new Worker(new URL('./poolWorker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<HelperMessage>) => onMessage(data);
    // Without a message when a policy forbids the worker's URL.
    worker.onerror = ({ message }) => onEnd(message ?? 'poolWorker.js could not be loaded');
    return Promise.resolve({
      postMessage: (task) => worker.postMessage(task),
      terminate: () => worker.terminate(),
      unref: () => {},
    });
  },
};

const loader = makeLoader({ compileModule, threads });

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
