import type { NDArray } from '../../ts/entrypoints/node.ts';

/**
 * Test numbers: a linear congruential generator (Numerical Recipes), independent of the library's own. Multiples of
 * 1/4096 in (-1, 1), so exact in float32.
 */
export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next integer in [0, bound). */
  integer(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 4294967296) * bound);
  }

  /** The next number in (-1, 1), a multiple of 1/4096. */
  next(): number {
    return (this.integer(8191) - 4095) / 4096;
  }
}

/** An array of {@link Numbers}. */
export function randomArray(shape: readonly number[], seed: number): NDArray<Float32Array> {
  const numbers = new Numbers(seed);
  const size = shape.reduce((product, side) => product * side, 1);
  return { data: Float32Array.from({ length: size }, () => numbers.next()), shape: [...shape] };
}

/** Distinct numbers a step apart in random order, some negative: no two of them tie. */
export function distinctArray(shape: readonly number[], seed: number, step = 1 / 16): NDArray<Float32Array> {
  const numbers = new Numbers(seed);
  const size = shape.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length: size }, (_, i) => (i - size / 2 + 0.5) * step);
  for (let last = size - 1; last > 0; last--) {
    const other = numbers.integer(last + 1);
    [data[last], data[other]] = [data[other]!, data[last]!];
  }
  return { data, shape: [...shape] };
}

/** Labels in [0, classes). */
export function randomLabels(count: number, classes: number, seed: number): NDArray<Int32Array> {
  const numbers = new Numbers(seed);
  return { data: Int32Array.from({ length: count }, () => numbers.integer(classes)), shape: [count] };
}

/** One-hot vectors of labels. */
export function oneHot(labels: ArrayLike<number>, classes: number): NDArray<Float32Array> {
  const data = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) data[i * classes + labels[i]!] = 1;
  return { data, shape: [labels.length, classes] };
}
