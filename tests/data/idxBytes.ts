import { gzipSync } from 'node:zlib';

/** Bytes of an IDX file of unsigned bytes: made by hand, apart from the library's reader. */
export function idxBytes(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...Array.from(values)]);
}

/** The same bytes as gzip. */
export function gzip(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

/** `length` bytes that repeat late and hold both 0 and 255. */
export function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 89 + 255) % 256);
}
