/** What the threaded builds declare: that of the link argument `initial-memory`, and a page that the glue adds. */
const INITIAL_PAGES = 33;

const PAGE_BYTES = 65536;

/** Tried in turn; systems with little address space refuse the larger ones. */
const MAXIMUM_PAGES = [65536, 32768, 16384];

/** A memory for a threaded build, of at most so many bytes. Throws the last RangeError when there is no room for it. */
export function newSharedMemory(most: number): WebAssembly.Memory {
  let refusal: unknown;
  const pages = Math.floor(most / PAGE_BYTES);
  for (const maximum of [pages, ...MAXIMUM_PAGES.filter((fewer) => fewer < pages)]) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/**
 * Makes the weight of a shared memory felt. V8 does not count it, so engines that were dropped would stay for a long
 * time: 200 of 64 MB in a row took 9 GB. An ordinary buffer of the same size that lives beside it is counted, and as
 * it is never touched it takes no memory itself.
 */
export class Shadow {
  #buffer = new ArrayBuffer(0);

  /** To be called with the memory's buffer after it may have grown. Nothing is done for an unshared one. */
  follow(shared: ArrayBufferLike): void {
    if (shared instanceof ArrayBuffer || shared.byteLength === this.#buffer.byteLength) return;
    try {
      this.#buffer = new ArrayBuffer(shared.byteLength);
    } catch {
      // Too large for one buffer: the old one has to do.
    }
  }
}
