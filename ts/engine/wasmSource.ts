import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/** A `.wasm` file of the package: where it is, its bytes, the answer of a server, or compiled. */
export type WasmSource = string | URL | ArrayBuffer | ArrayBufferView | Response | WebAssembly.Module;

/** What a value is, by its kind and not by `instanceof`: it may come from another realm. */
function kindOf(source: unknown): 'url' | 'bytes' | 'response' | 'module' | undefined {
  if (typeof source === 'string') return 'url';
  if (ArrayBuffer.isView(source)) return 'bytes';
  switch (Object.prototype.toString.call(source)) {
    case '[object URL]':
      return 'url';
    case '[object ArrayBuffer]':
      return 'bytes';
    case '[object Response]':
      return 'response';
    case '[object WebAssembly.Module]':
      return 'module';
  }
  return undefined;
}

/** Throws an OptionError for what is none. */
export function checkWasmSource(where: string, source: unknown): void {
  if (kindOf(source) !== undefined) return;
  throw new OptionError(
    `${where}: wasm must be a URL, bytes, a Response or a WebAssembly.Module, got ${describe(source)}`,
  );
}

/** Compiles it; `readBytes` fetches. Throws an OptionError where it cannot be read, or is no module that runs here. */
export async function compileSource(
  where: string,
  source: WasmSource,
  readBytes: (url: string | URL) => Promise<BufferSource>,
): Promise<WebAssembly.Module> {
  const kind = kindOf(source);
  if (kind === 'module') return source;
  const bytes = await refusing(where, () => {
    if (kind === 'bytes') return source as BufferSource;
    return kind === 'response' ? bytesOfResponse(source as Response) : readBytes(source as string | URL);
  });
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new OptionError(`${where}: wasm is no module that runs here${pageHint(bytes)}: ${String(cause)}`, { cause });
  }
}

/** What a server that answers every address with its page has sent. */
function pageHint(bytes: BufferSource): string {
  const [first] = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, Math.min(1, bytes.byteLength))
    : new Uint8Array(bytes);
  return first === '<'.charCodeAt(0) ? ', but a page of HTML, as servers send where they have no such file' : '';
}

/**
 * The same as what another thread can be sent: the bytes of a response, and the text of a URL, absolute where `base` says
 * relative to what. Throws an OptionError where the answer is no success, or the URL is none.
 */
export async function sendableSource(where: string, source: WasmSource, base?: string): Promise<WasmSource> {
  const kind = kindOf(source);
  if (kind === 'response') return refusing(where, () => bytesOfResponse(source as Response));
  if (kind !== 'url') return source;
  const url = source as string | URL;
  return refusing(where, () => (base === undefined ? String(url) : new URL(url, base).href));
}

/** What `read` gives; its errors as those of the option. */
async function refusing<T>(where: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new OptionError(`${where}: wasm: ${(cause as Error).message}`, { cause });
  }
}

/** What is at a URL. Throws an error with URL and status, behind `where`, where the answer is no success. */
export async function fetchBytes(url: string | URL, where = ''): Promise<ArrayBuffer> {
  return bytesOfResponse(await fetch(url), where);
}

function bytesOfResponse(response: Response, where = ''): Promise<ArrayBuffer> {
  const { ok, url, status, statusText } = response;
  if (!ok) throw new Error(`${where}${url === '' ? 'the response' : url} answered ${status} ${statusText}`);
  return response.arrayBuffer();
}

/** Whether a module is one of the threaded builds, which take their memory from outside. */
export function isThreaded(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
}
