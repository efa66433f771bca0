// The file format safetensors (github.com/huggingface/safetensors, "Format"): eight bytes with the length of the header,
// little-endian; the header, JSON; then the numbers of all tensors without gaps. Own code: what npm has of it only reads.
import { DataError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { checkShape, sizeOf, type Shape } from '../shape.ts';

/** A named array in a file. */
export interface Tensor {
  name: string;
  /** Row-major: `F32` in the file for a Float32Array, `I32` for an Int32Array. */
  data: Float32Array | Int32Array;
  shape: Shape;
}

/** What a file holds. */
export interface Safetensors {
  metadata: Readonly<Record<string, string>>;
  tensors: readonly Tensor[];
}

const BYTES_PER_ELEMENT = 4;
/** Bytes before the header. */
export const PREFIX_BYTES = 8;
/** The limit of the format's own reader. */
const MOST_HEADER_BYTES = 100_000_000;

/** The header, padded so that the numbers start at a multiple of eight, and the bytes of each tensor after it. */
export function layOutSafetensors({ metadata, tensors }: Safetensors): { header: Uint8Array; data: Uint8Array[] } {
  let offset = 0;
  const entries = tensors.map(({ name, data, shape }) => {
    const begin = offset;
    offset += data.byteLength;
    const dtype = data instanceof Int32Array ? 'I32' : 'F32';
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const;
  });
  // From entries, as a layer may be named `__proto__`.
  const text = JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries]));
  const header = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(header.length / 8) * 8).fill(0x20);
  padded.set(header);
  return { header: padded, data: tensors.map(({ data }) => bytesOf(data)) };
}

/** The parts of {@link layOutSafetensors} as the bytes of a file. */
export function joinSafetensors(header: Uint8Array, data: readonly Uint8Array[]): Uint8Array {
  const length = data.reduce((sum, { byteLength }) => sum + byteLength, PREFIX_BYTES + header.byteLength);
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  bytes.set(header, PREFIX_BYTES);
  let next = PREFIX_BYTES + header.byteLength;
  for (const part of data) {
    bytes.set(part, next);
    next += part.byteLength;
  }
  return bytes;
}

/** The bytes of the header. `where` names the file in messages. Throws a DataError for what is no such file. */
export function headerOf(where: string, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < PREFIX_BYTES) {
    throw new DataError(`${where}: ${bytes.byteLength} bytes, which is no safetensors file`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const first = bytes[PREFIX_BYTES];
  if (length > MOST_HEADER_BYTES || length < 2n || (first !== undefined && first !== 0x7b)) {
    throw new DataError(`${where}: no safetensors file: bytes 0 to 8 and what follows are no length and header`);
  }
  const end = PREFIX_BYTES + Number(length);
  if (end > bytes.byteLength) {
    throw new DataError(`${where}: truncated in its header: ${bytes.byteLength} bytes, the header ends at byte ${end}`);
  }
  return bytes.subarray(PREFIX_BYTES, end);
}

/** The metadata of a header, and all its other entries, not looked at yet. */
export function parseHeader(where: string, header: Uint8Array): Safetensors['metadata'] {
  return splitHeader(where, header).metadata;
}

/** All of a file, checked: every byte belongs to one tensor. Throws a DataError that names the place. */
export function readSafetensors(where: string, bytes: Uint8Array): Safetensors {
  const header = headerOf(where, bytes);
  const { metadata, entries } = splitHeader(where, header);
  const start = PREFIX_BYTES + header.byteLength;
  const spans = entries.map(([name, entry]) => ({ name, ...checkEntry(`${where}: tensor "${name}"`, entry) }));
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let next = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== next) {
      throw new DataError(`${where}: tensor "${name}" starts at byte ${start + begin}, expected ${start + next}`);
    }
    next = end;
    if (start + end > bytes.byteLength) {
      const all = start + spans.at(-1)!.end;
      throw new DataError(`${where}: truncated in tensor "${name}": ${bytes.byteLength} bytes of ${all}`);
    }
  }
  if (start + next !== bytes.byteLength) {
    throw new DataError(`${where}: ${bytes.byteLength - start - next} bytes too many after byte ${start + next}`);
  }
  const tensors = spans.map(({ name, dtype, shape, begin, end }) => {
    // A copy, aligned whatever the caller's bytes are. Not by slice(), which copies nothing of Node's Buffer.
    const { buffer } = new Uint8Array(bytes.subarray(start + begin, start + end));
    return { name, shape, data: dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer) };
  });
  return { metadata, tensors };
}

/** The bytes of an array's numbers. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function splitHeader(
  where: string,
  header: Uint8Array,
): { metadata: Safetensors['metadata']; entries: [string, unknown][] } {
  const place = `${where}: header (bytes ${PREFIX_BYTES} to ${PREFIX_BYTES + header.byteLength})`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new DataError(`${place}: no JSON`, { cause });
  }
  if (!isRecord(parsed)) throw new DataError(`${place}: expected an object, got ${describe(parsed)}`);
  const { __metadata__: metadata = {}, ...tensors } = parsed;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw new DataError(`${place}: __metadata__ must be an object of strings`);
  }
  return { metadata: metadata as Record<string, string>, entries: Object.entries(tensors) };
}

function checkEntry(where: string, entry: unknown): { dtype: string; shape: Shape; begin: number; end: number } {
  if (!isRecord(entry)) throw new DataError(`${where}: expected an object, got ${describe(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32' && dtype !== 'I32') {
    throw new DataError(`${where}: dtype must be F32 or I32, got ${describe(dtype)}`);
  }
  try {
    checkShape(`${where}: shape`, shape, 0);
  } catch (cause) {
    throw new DataError((cause as Error).message, { cause });
  }
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) {
    throw new DataError(`${where}: data_offsets must be two integers, got ${JSON.stringify(offsets)}`);
  }
  const byteLength = sizeOf(shape) * BYTES_PER_ELEMENT;
  if ((end as number) - (begin as number) !== byteLength) {
    throw new DataError(
      `${where}: data_offsets ${JSON.stringify(offsets)} are not the ${byteLength} bytes of its shape`,
    );
  }
  return { dtype, shape: shape, begin: begin as number, end: end as number };
}

/** True for objects that are no lists. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
