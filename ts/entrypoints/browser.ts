import { importingWorker } from '../engine/importingWorker.ts';
import { makeLoader } from '../engine/load.ts';
import { mayWait } from '../engine/threads.ts';
import type { HelperMessage, Platform } from '../engine/platform.ts';
import { fetchBytes } from '../engine/wasmSource.ts';
import { indexedDbStorage } from '../io/indexedDb.ts';
import { setStorage } from '../io/storage.ts';

export * from '../index.ts';

const wasm = {
  simd: (): URL => new URL('./fourlane_simd.wasm', import.meta.url),
  relaxed: (): URL => new URL('./fourlane_relaxed.wasm', import.meta.url),
  simd_threads: (): URL => new URL('./fourlane_simd_threads.wasm', import.meta.url),
  relaxed_threads: (): URL => new URL('./fourlane_relaxed_threads.wasm', import.meta.url),
};

const compileModule: Platform['compileModule'] = async (name) =>
  WebAssembly.compile(await fetchBytes(wasm[name](), 'init: '));

/** Refused where the library comes from another origin, as from a CDN; there a blob of this origin may import it. */
function startPoolWorker(): Worker {
  try {
    // Written like this, in one expression, bundlers find it.
    return new Worker(new URL('./poolWorker.js', import.meta.url), { type: 'module' });
  } catch {
    return importingWorker(new URL('./poolWorker.js', import.meta.url));
  }
}

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
    const worker = startPoolWorker();
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
