import type { BuildName } from './builds.ts';

/** Files with kernels: each build in one version without atomics and one with. */
export type WasmName = BuildName | `${BuildName}_threads`;

/** What differs between environments; the entry of each brings its own. */
export interface Platform {
  /** Tells the rest of the library of the environment; called by each use, so that an import alone does nothing. */
  setUp(): void;
  compileModule(name: WasmName): Promise<WebAssembly.Module>;
  /** What is at a URL that a user gave. Throws what says why there is nothing. */
  readBytes(url: string | URL): Promise<BufferSource>;
  threads: ThreadPlatform;
}

/** An environment's way to threads. */
export interface ThreadPlatform {
  /** Threads that the machine runs at one time. */
  availableParallelism(): Promise<number>;
  /** Why the calling thread can have no helpers; undefined when it can. */
  obstacle(): string | undefined;
  /** Starts a thread that runs the worker file. */
  startHelper(events: HelperEvents): Promise<HelperThread>;
}

/** What is heard of a helper. */
export interface HelperEvents {
  onMessage: (message: HelperMessage) => void;
  /** It could not be started, or ended. */
  onEnd: (reason: string) => void;
}

/** A thread that helps. */
export interface HelperThread {
  postMessage(task: HelperTask): void;
  terminate(): void;
  /** From here on it keeps no process alive. */
  unref(): void;
}

/** What a helper is given. */
export interface HelperTask {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Its number, from 1. */
  worker: number;
}

/** What a helper says: that it is about to serve, that it was told to stop, or what it died of. */
export type HelperMessage = 'ready' | 'stopped' | { failure: string };

/** Where there are never threads. Nothing is said of that unless somebody asks for more than one. */
export function oneThread(obstacle: string): ThreadPlatform {
  return {
    availableParallelism: () => Promise.resolve(1),
    obstacle: () => obstacle,
    startHelper: () => Promise.reject(new Error(obstacle)),
  };
}
