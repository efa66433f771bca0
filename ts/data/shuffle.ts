import { Random } from '../model/random.ts';
import { integer } from '../options.ts';

/**
 * The integers 0 to `size` - 1 in random order: the same on every engine for the same `seed` and `stream`, both
 * integers in [0, 2^32). Streams of one seed are independent of each other.
 */
export function shuffledIndices(size: number, seed: number, stream = 0): Uint32Array {
  integer('shuffledIndices', 'size', size, 0);
  integer('shuffledIndices', 'seed', seed, 0);
  integer('shuffledIndices', 'stream', stream, 0);
  const order = Uint32Array.from({ length: size }, (_, index) => index);
  new Random(seed, stream).shuffle(order);
  return order;
}
