import { DataError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import { printShape, sizeOf } from '../shape.ts';

/** The bytes of a file with its name, which errors begin with. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** How a file's elements are stored and what becomes of them; integers narrower than 32 bits widen exactly. */
interface ElementType {
  byteLength: 1 | 2 | 4;
  decode(view: DataView, start: number, length: number): NDArray['data'];
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  // A view of the file's bytes, not a copy: most files are of this type, and large.
  0x08: {
    byteLength: 1,
    decode: ({ buffer, byteOffset }, start, length) => new Uint8Array(buffer, byteOffset + start, length),
  },
  0x09: { byteLength: 1, decode: integers((view, at) => view.getInt8(at), 1) },
  0x0b: { byteLength: 2, decode: integers((view, at) => view.getInt16(at), 2) },
  0x0c: { byteLength: 4, decode: integers((view, at) => view.getInt32(at), 4) },
  0x0d: {
    byteLength: 4,
    decode: (view, start, length) => Float32Array.from({ length }, (_, i) => view.getFloat32(start + 4 * i)),
  },
};

function integers(read: (view: DataView, at: number) => number, byteLength: number): ElementType['decode'] {
  return (view, start, length) => Int32Array.from({ length }, (_, i) => read(view, start + byteLength * i));
}

/**
 * Reads an IDX file, plain or gzip: two zero bytes, a byte for the type, one for the number of axes, a big-endian
 * 32-bit size per axis, then the elements row-major. Unsigned bytes become a `Uint8Array` (a view of `bytes` when they
 * are plain), narrower integers an `Int32Array`, floats a `Float32Array`. `magic` is the first four bytes as a number,
 * where only one will do. Rejects with a DataError, naming the file, when the magic number is another or none, or the
 * length is not what the sizes say. Source: Y. LeCun, "The MNIST database", "The IDX file format".
 */
export async function readIdx(file: NamedBytes, magic?: number): Promise<NDArray> {
  const { name, bytes } = isGzip(file.bytes) ? { name: file.name, bytes: await gunzip(file) } : file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw new DataError(`${name}: ${bytes.length} bytes are too few for an IDX header`);
  const found = view.getUint32(0);
  if (magic !== undefined && found !== magic) {
    throw new DataError(`${name}: magic number is ${hex(found)}, expected ${hex(magic)}`);
  }
  const type = elementTypes[found >>> 8];
  if (type === undefined) {
    const known = Object.keys(elementTypes).map((code) => hex(Number(code) * 256).slice(0, -2) + 'NN');
    throw new DataError(`${name}: magic number is ${hex(found)}, expected one of ${known.join(', ')}`);
  }
  const axes = found & 0xff;
  const start = 4 + 4 * axes;
  if (bytes.length < start) {
    throw new DataError(
      `${name}: truncated: a header of ${axes} axes takes ${start} bytes, the file has ${bytes.length}`,
    );
  }
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = start + sizeOf(shape) * type.byteLength;
  if (bytes.length !== expected) {
    const problem = bytes.length < expected ? 'truncated' : 'too long';
    throw new DataError(
      `${name}: ${problem}: shape ${printShape(shape)} takes ${expected} bytes, the file has ${bytes.length}`,
    );
  }
  return { data: type.decode(view, start, sizeOf(shape)), shape };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function gunzip({ name, bytes }: NamedBytes): Promise<Uint8Array> {
  // Shared memory is the one kind a Blob does not take; such a view fails there with the platform's own words.
  const plain = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch (cause) {
    throw new DataError(`${name}: truncated or damaged: its ${bytes.length} bytes of gzip cannot be decompressed`, {
      cause,
    });
  }
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}
