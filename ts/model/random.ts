/**
 * Seeded random numbers: the generator sfc32 (Chris Doty-Humphrey, PractRand), seeded through a 32-bit mixing function.
 * Integer arithmetic only, so every engine gives the same numbers. Own code because results and stored checkpoints
 * hang on its bits for good, and it is twenty lines.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Each `stream` of a seed is independent of the others. Both are integers in [0, 2^32). */
  constructor(seed: number, stream = 0) {
    this.#a = mix(seed >>> 0);
    this.#b = mix((seed >>> 0) ^ mix((stream >>> 0) + 0x9e3779b9));
    this.#c = mix((stream >>> 0) ^ 0x85ebca6b);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** The next integer in [0, 2^32). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** The next float32 in the open interval (0, 1): the middle of one of 2^23 equal cells, never 0 or 1. */
  uniform(): number {
    return ((this.uint32() >>> 9) + 0.5) / 8388608;
  }

  /** The next integer in [0, bound), every one equally likely. */
  below(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % bound;
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle(values: Uint32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = values[last]!;
      values[last] = values[other]!;
      values[other] = value;
    }
  }
}

/** Spreads the bits of a 32-bit integer (the finalizer of MurmurHash3, Austin Appleby). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
