import { DataError, OptionError, StateError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/**
 * Where a model is saved: in Node a path or `file:` URL, replaced as a whole or not at all; in browsers
 * `indexeddb://name`; anywhere a function that takes the bytes.
 */
export type SaveTarget = string | URL | ((bytes: Uint8Array) => void | Promise<void>);

/** Where a model is loaded from: what {@link SaveTarget} has a name for, bytes, a `Blob` or `File`, or the answer of `fetch`. */
export type LoadSource = string | URL | Uint8Array | ArrayBuffer | Blob | Response;

/** An environment's way to what has a name. */
export interface Storage {
  /** What names mean here, for messages. */
  readonly names: string;
  /** Whether it knows names of this kind. */
  takes(name: string | URL): boolean;
  write(name: string | URL, bytes: Uint8Array): Promise<void>;
  /** None where nothing has that name. */
  read(name: string | URL): Promise<Uint8Array | undefined>;
}

let storage: Storage | undefined;

/** Sets the environment's storage. Called by its `init`, as importing the library does nothing. */
export function setStorage(own: Storage): void {
  storage = own;
}

/** Throws an OptionError unless something can be written there. */
export function checkTarget(where: string, target: unknown): asserts target is SaveTarget {
  if (typeof target === 'function') return;
  if (isName(target) && storageFor(where).takes(target)) return;
  const { names } = storageFor(where);
  throw new OptionError(`${where}: expected ${names} or a function that takes bytes, got ${show(target)}`);
}

/** Writes bytes to a target that was checked. */
export async function writeTarget(where: string, target: SaveTarget, bytes: Uint8Array): Promise<void> {
  if (typeof target === 'function') return target(bytes);
  try {
    await storageFor(where).write(target, bytes);
  } catch (cause) {
    throw new StateError(`${where}: ${nameOf(target)} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** The bytes of a saved model as `save('blob')` gives them. */
export function asBlob(bytes: Uint8Array): Blob {
  // Its type has to be known as no SharedArrayBuffer's view.
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
}

/** The bytes of a source, and what messages call it. Throws an OptionError for what is none, a DataError for no bytes. */
export async function readSource(where: string, source: LoadSource): Promise<{ where: string; bytes: Uint8Array }> {
  const named = `${where}: ${nameOf(source)}`;
  const bytes = await bytesOf(where, source).catch((cause: unknown) => {
    if (cause instanceof OptionError || cause instanceof StateError) throw cause;
    throw new DataError(`${named} cannot be read: ${(cause as Error).message}`, { cause });
  });
  if (bytes === undefined) throw new DataError(`${named} does not exist`);
  return { where: named, bytes };
}

async function bytesOf(where: string, source: LoadSource): Promise<Uint8Array | undefined> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Response !== 'undefined' && source instanceof Response && !source.ok) {
    throw new Error(`the answer is ${source.status} ${source.statusText}`);
  }
  if (typeof source === 'object' && source !== null && 'arrayBuffer' in source) {
    return new Uint8Array(await source.arrayBuffer());
  }
  const own = storageFor(where);
  if (!isName(source) || !own.takes(source)) {
    throw new OptionError(`${where}: expected ${own.names}, bytes, a Blob or a Response, got ${show(source)}`);
  }
  return own.read(source);
}

function storageFor(where: string): Storage {
  if (storage === undefined) throw new StateError(`${where}: kernels not loaded: await init() first`);
  return storage;
}

function isName(value: unknown): value is string | URL {
  return typeof value === 'string' ? value !== '' : value instanceof URL;
}

/** What messages call something that is stored. */
function nameOf(value: SaveTarget | LoadSource): string {
  if (typeof value === 'string') return value;
  if (typeof File !== 'undefined' && value instanceof File) return value.name;
  return typeof Response !== 'undefined' && value instanceof Response && value.url !== '' ? value.url : show(value);
}

/** What a value is, for messages. */
function show(value: unknown): string {
  return value instanceof URL ? value.href : describe(value);
}
