import { StateError } from '../errors.ts';
import type { BuildName } from './builds.ts';
import type { Bindings } from './generated/bindings.js';
import type { Helpers } from './helpers.ts';
import { Pacer } from './pacer.ts';
import { Shadow } from './sharedMemory.ts';

/** What an engine's memory holds, in bytes. */
export interface EngineMemory {
  /** Size of the wasm memory; it grows and never shrinks. */
  byteLength: number;
  /** Bytes in live allocations of models and buffers. */
  usedBytes: number;
  /** Number of live allocations. */
  allocations: number;
}

/** What an engine is made of. */
export interface EngineParts {
  build: BuildName;
  bindings: Bindings;
  memory: WebAssembly.Memory;
  /** Bytes that it may take. */
  maximumMemory: number;
  /** Of a threaded build: all its threads but the calling one. */
  helpers?: Helpers;
}

/** Ends the threads of engines that were dropped without `dispose()`. */
const dropped = /* @__PURE__ */ new FinalizationRegistry<Helpers>((helpers) => helpers.terminate());

/**
 * One wasm instance with its memory. Engines share nothing: each can be disposed, or replaced after a trap, without
 * touching the others. Made by `init()` (the default one) or `createEngine()`.
 */
export class Engine {
  /** Which of the builds runs. */
  readonly build: BuildName;
  /** Whether multiply-add rounds once here. Always false for `simd`; for `relaxed` it is what the bits hang on. */
  readonly fused: boolean;
  /** Threads that compute, the calling one among them. Results do not depend on it. */
  readonly threads: number;
  /**
   * Of several threads: adapts how many take part to what else the machine does.
   * @internal
   */
  readonly pacer: Pacer | undefined;
  #bindings: Bindings | undefined;
  #memory: WebAssembly.Memory | undefined;
  #helpers: Helpers | undefined;
  #trap: StateError | undefined;
  #shadow: Shadow | undefined = new Shadow();
  readonly #maximumMemory: number;
  readonly #dependents = new Set<() => void>();

  /** @internal */
  constructor({ build, bindings, memory, maximumMemory, helpers }: EngineParts) {
    this.build = build;
    this.fused = bindings.is_fused();
    this.threads = 1 + (helpers?.count ?? 0);
    this.#bindings = bindings;
    this.#memory = memory;
    this.#maximumMemory = maximumMemory;
    this.#shadow!.follow(memory.buffer);
    if (helpers === undefined) return;
    this.#helpers = helpers;
    this.pacer = new Pacer(this.threads, {
      limit: (threads) => this.run((kernels) => kernels.pool_limit(threads)),
      wake: () => this.run(wakePool),
    });
    helpers.onFailure = Engine.#failureListener(new WeakRef(this));
    dropped.register(this, helpers, this);
  }

  /** Weakly, as the environment holds the threads and they this function; static, as `this` would be held with it. */
  static #failureListener(weak: WeakRef<Engine>): (reason: string) => void {
    return (reason) => {
      const engine = weak.deref();
      if (engine?.state === 'live') engine.#recordTrap(new Error(`a thread ended: ${reason}`));
    };
  }

  /** `live`; `trapped` after a failure inside wasm; `disposed`. Only a live engine computes. */
  get state(): 'live' | 'trapped' | 'disposed' {
    if (this.#bindings === undefined) return 'disposed';
    return this.#trap === undefined ? 'live' : 'trapped';
  }

  /** Throws a StateError unless the engine is live. */
  checkLive(): void {
    if (this.#trap !== undefined) throw this.#trap;
    if (this.#bindings === undefined) {
      throw new StateError('engine: disposed; make a new one by init() or createEngine()');
    }
  }

  /**
   * Calls into wasm. An `Error` of a kernel's checks passes through, nothing is written then. A trap makes the engine
   * unusable, as its memory may be half-written: this call and every later one throw the same StateError.
   * @internal
   */
  run<T>(call: (kernels: Bindings) => T): T {
    this.checkLive();
    try {
      return call(this.#bindings!);
    } catch (error) {
      if (isTrap(error)) this.#recordTrap(error);
      throw this.#trap ?? error;
    }
  }

  #recordTrap(cause: Error): void {
    let panic = '';
    try {
      const length = this.#bindings!.panic_message_length();
      const bytes = new Uint8Array(this.#memory!.buffer, this.#bindings!.panic_message_address(), length);
      // A copy, as the memory may be shared, which decoders refuse.
      panic = new TextDecoder().decode(bytes.slice());
    } catch {
      // The text is a courtesy; the trap is reported without it.
    }
    const reason = panic === '' ? cause.message : panic;
    this.#trap = new StateError(`engine: trapped and cannot be used again (${reason}); make a new one`, { cause });
    // They may still be at work on behalf of the call that trapped.
    this.#helpers?.terminate();
  }

  /** Size of the memory and what is allocated in it. */
  memory(): EngineMemory {
    return this.run((kernels) => ({
      byteLength: this.#memory!.buffer.byteLength,
      usedBytes: kernels.arena_used_bytes(),
      allocations: kernels.arena_block_count(),
    }));
  }

  /**
   * The memory as it is now, shared where there are threads. Growth replaces it: hold no view across a call that may
   * allocate.
   * @internal
   */
  get buffer(): ArrayBufferLike {
    this.checkLive();
    return this.#memory!.buffer;
  }

  /**
   * Address of new zeroed bytes, aligned to 64. Throws a StateError when memory is exhausted; nothing is taken then.
   * @internal
   */
  alloc(byteLength: number): number {
    try {
      const address = this.run((kernels) => {
        if (kernels.arena_used_bytes() + byteLength > this.#maximumMemory) {
          throw new Error(`maximumMemory is ${this.#maximumMemory}`);
        }
        return kernels.arena_alloc(byteLength);
      });
      this.#shadow!.follow(this.#memory!.buffer);
      return address;
    } catch (cause) {
      if (this.state !== 'live') throw cause;
      const { usedBytes } = this.memory();
      throw new StateError(`engine: out of memory: ${byteLength} bytes asked for, ${usedBytes} in use`, { cause });
    }
  }

  /**
   * Gives an allocation back. Nothing is left to free on an engine that is no longer live.
   * @internal
   */
  free(address: number): void {
    if (this.state === 'live') this.run((kernels) => kernels.arena_free(address));
  }

  /**
   * Calls `drop` when the engine is disposed: bound calls hold the instance and with it the memory. Returns what takes
   * the registration back.
   * @internal
   */
  onDispose(drop: () => void): () => void {
    this.#dependents.add(drop);
    return () => this.#dependents.delete(drop);
  }

  /**
   * Drops the instance and its memory, and ends its threads. Every later use throws a StateError; a `fit` under way ends
   * with one.
   */
  dispose(): void {
    if (this.state === 'live') this.#stopHelpers();
    this.#bindings = undefined;
    this.#memory = undefined;
    this.#shadow = undefined;
    this.#helpers = undefined;
    for (const drop of [...this.#dependents]) drop();
    this.#dependents.clear();
  }

  #stopHelpers(): void {
    if (this.#helpers === undefined) return;
    dropped.unregister(this);
    this.#helpers.expectEnd();
    this.#bindings!.pool_stop();
  }
}

const wakePool = (kernels: Bindings): void => kernels.pool_wake();

/** By name, as an error may come from another realm. A stack overflow inside wasm is no RuntimeError, but as fatal. */
function isTrap(error: unknown): error is Error {
  return error instanceof Error && ['RuntimeError', 'RangeError', 'InternalError'].includes(error.name);
}
