import { DataError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import type { HistoryEngine } from '../train/history.ts';
import type { FitPosition } from '../train/position.ts';
import type { ModelJSON } from '../model/serialize.ts';
import { crc32 } from './crc32.ts';
import type { CompiledJSON } from './compiledJSON.ts';
import {
  bytesOf,
  headerOf,
  isRecord,
  joinSafetensors,
  layOutSafetensors,
  parseHeader,
  PREFIX_BYTES,
  readSafetensors,
  type Tensor,
} from './safetensors.ts';

/** Version of what the metadata of a saved model holds; grows when an older reader could misread it. */
const FORMAT_VERSION = 1;
const FORMAT = 'fourlane-saved-model';
/** In the place of the header's checksum while that is computed. */
const NO_CHECKSUM = '00000000';

/** Everything of a model at one moment between two steps, as plain data and arrays. */
export interface SavedModel {
  model: ModelJSON;
  /** What computed: another build gives other last bits. */
  engine: Pick<HistoryEngine, 'build' | 'fused'>;
  /** How it was compiled; none where it was not. */
  compiled: CompiledJSON | undefined;
  /** Where its last `fit` stood; none where there was none. */
  training: FitPosition | undefined;
  /** Weights by `layer/weight`, then what the optimizer keeps. */
  tensors: readonly Tensor[];
}

/**
 * A saved model as a safetensors file. The metadata, all JSON: `format`, `formatVersion`, `checksum` (CRC-32 of the header
 * with this field all zeros), `checksums` (of the numbers of each tensor), and the fields of {@link SavedModel}.
 */
export function encodeSavedModel({ tensors, ...saved }: SavedModel): Uint8Array {
  const checksums = Object.fromEntries(tensors.map(({ name, data }) => [name, crc32(bytesOf(data))]));
  const parts = Object.entries({ ...saved, checksums }).filter(([, value]) => value !== undefined);
  const metadata = {
    format: FORMAT,
    formatVersion: String(FORMAT_VERSION),
    checksum: NO_CHECKSUM,
    ...Object.fromEntries(parts.map(([name, value]) => [name, JSON.stringify(value, writeNumber)])),
  };
  const { header, data } = layOutSafetensors({ metadata, tensors });
  header.set(new TextEncoder().encode(crc32(header)), checksumAt(header));
  return joinSafetensors(header, data);
}

/** The inverse, everything checked before any of it is used. Throws a DataError that names the place. */
export function decodeSavedModel(where: string, bytes: Uint8Array): SavedModel {
  const header = headerOf(where, bytes);
  checkFormat(where, header);
  const { metadata, tensors } = readSafetensors(where, bytes);
  const part = (name: string): unknown => parsePart(`${where}: metadata ${name}`, metadata[name]);
  checkTensors(where, tensors, part('checksums'));
  const { model, engine, compiled, training } = {
    model: part('model') as ModelJSON | undefined,
    engine: part('engine') as SavedModel['engine'] | undefined,
    compiled: part('compiled') as CompiledJSON | undefined,
    training: part('training') as FitPosition | undefined,
  };
  if (!isRecord(model) || !isRecord(engine)) throw new DataError(`${where}: metadata holds no model and engine`);
  return { model, engine, compiled, training, tensors };
}

/** Format, version and checksum of the header: the version first, as a newer one may do all else in another way. */
function checkFormat(where: string, header: Uint8Array): void {
  const { format, formatVersion, checksum } = parseHeader(where, header);
  if (format !== FORMAT) {
    throw new DataError(`${where}: no model saved by fourlane: metadata format is ${describe(format)}`);
  }
  if (Number(formatVersion) !== FORMAT_VERSION) {
    throw new DataError(
      `${where}: metadata formatVersion is ${describe(formatVersion)}, this version reads ${FORMAT_VERSION}`,
    );
  }
  const at = checksumAt(header);
  const zeroed = new Uint8Array(header);
  if (at !== undefined) zeroed.set(new TextEncoder().encode(NO_CHECKSUM), at);
  const actual = crc32(zeroed);
  if (actual !== checksum) {
    const place = `header (bytes ${PREFIX_BYTES} to ${PREFIX_BYTES + header.byteLength})`;
    throw new DataError(`${where}: ${place} is altered: its checksum is ${actual}, expected ${describe(checksum)}`);
  }
}

function checkTensors(where: string, tensors: readonly Tensor[], checksums: unknown): void {
  for (const { name, data } of tensors) {
    const expected = isRecord(checksums) ? checksums[name] : undefined;
    const actual = crc32(bytesOf(data));
    if (actual !== expected) {
      throw new DataError(
        `${where}: tensor "${name}" is altered: its checksum is ${actual}, expected ${describe(expected)}`,
      );
    }
  }
}

/** Where the header's checksum stands in it: it comes before all that is not fixed. */
function checksumAt(header: Uint8Array): number | undefined {
  const start = new TextDecoder().decode(header.subarray(0, 200));
  const key = '"checksum":"';
  const at = start.indexOf(key);
  return at < 0 ? undefined : at + key.length;
}

function parsePart(where: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text, readNumber);
  } catch (cause) {
    throw new DataError(`${where}: no JSON`, { cause });
  }
}

/** Losses may be no finite numbers, for which JSON has no words. */
function writeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
}

function readNumber(_key: string, value: unknown): unknown {
  return isRecord(value) && typeof value.number === 'string' ? Number(value.number) : value;
}
