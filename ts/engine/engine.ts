import { StateError } from '../errors.ts';
import { createBindings, type Bindings } from './generated/fourlane_simd.js';
import type { BuildName } from './builds.ts';

/** What an engine's memory holds, in bytes. */
export interface EngineMemory {
  /** Size of the wasm memory; it grows and never shrinks. */
  byteLength: number;
  /** Bytes in live allocations of models and buffers. */
  usedBytes: number;
  /** Number of live allocations. */
  allocations: number;
}

/**
 * One wasm instance with its memory. Engines share nothing: each can be disposed, or replaced after a trap, without
 * touching the others. Made by `init()` (the default one) or `createEngine()`.
 */
export class Engine {
  /** Which of the builds runs. */
  readonly build: BuildName;
  #bindings: Bindings | undefined;
  #memory: WebAssembly.Memory | undefined;
  #trap: StateError | undefined;

  /** @internal */
  constructor(build: BuildName, module: WebAssembly.Module) {
    this.build = build;
    this.#bindings = createBindings();
    this.#memory = this.#bindings.initSync({ module }).memory;
  }

  /** `live`; `trapped` after a failure inside wasm; `disposed`. Only a live engine computes. */
  get state(): 'live' | 'trapped' | 'disposed' {
    if (this.#bindings === undefined) return 'disposed';
    return this.#trap === undefined ? 'live' : 'trapped';
  }

  /** Throws a StateError unless the engine is live. */
  checkLive(): void {
    if (this.#trap !== undefined) throw this.#trap;
    if (this.#bindings === undefined) throw new StateError('engine: disposed; make a new one by init() or createEngine()');
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
      // A stack overflow inside wasm is a RangeError, and as fatal.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) this.#recordTrap(error);
      throw this.#trap ?? error;
    }
  }

  #recordTrap(cause: Error): void {
    let panic = '';
    try {
      const length = this.#bindings!.panic_message_length();
      const bytes = new Uint8Array(this.#memory!.buffer, this.#bindings!.panic_message_address(), length);
      panic = new TextDecoder().decode(bytes);
    } catch {
      // The text is a courtesy; the trap is reported without it.
    }
    const reason = panic === '' ? cause.message : panic;
    this.#trap = new StateError(`engine: trapped and cannot be used again (${reason}); make a new one`, { cause });
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
   * The memory as it is now. Growth replaces it: hold no view across a call that may allocate.
   * @internal
   */
  get buffer(): ArrayBuffer {
    this.checkLive();
    return this.#memory!.buffer as ArrayBuffer;
  }

  /**
   * Address of new zeroed bytes, aligned to 64.
   * @internal
   */
  alloc(byteLength: number): number {
    return this.run((kernels) => kernels.arena_alloc(byteLength));
  }

  /**
   * Gives an allocation back. Nothing is left to free on an engine that is no longer live.
   * @internal
   */
  free(address: number): void {
    if (this.state === 'live') this.run((kernels) => kernels.arena_free(address));
  }

  /** Drops the instance and its memory. Every later use throws a StateError; a `fit` under way ends with one. */
  dispose(): void {
    this.#bindings = undefined;
    this.#memory = undefined;
  }
}
