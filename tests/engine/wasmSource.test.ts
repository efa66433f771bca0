import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createEngine, init, OptionError, StateError, type EngineOptions } from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

const keep = disposeAfterEach();
const info = vi.spyOn(console, 'info').mockImplementation(() => {});
afterEach(() => info.mockClear());

const urlOf = (name: string): URL => new URL(`../../ts/entrypoints/fourlane_${name}.wasm`, import.meta.url);
const bytesOf = (name: string): Promise<Buffer<ArrayBuffer>> => readFile(urlOf(name));

let server: Server;
let base: string;
beforeAll(async () => {
  const wasm = await bytesOf('simd');
  server = createServer((request, response) => {
    if (request.url === '/kernels') response.end(wasm);
    else response.writeHead(404).end();
  }).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const sources: Record<string, () => Promise<NonNullable<EngineOptions['wasm']>>> = {
  bytes: () => bytesOf('simd'),
  'an ArrayBuffer': async () => new Uint8Array(await bytesOf('simd')).buffer,
  'a module': async () => WebAssembly.compile(await bytesOf('simd')),
  'a response': () => fetch(`${base}/kernels`),
  'a URL as text': () => Promise.resolve(`${base}/kernels`),
  'a URL': () => Promise.resolve(new URL(`${base}/kernels`)),
  'the URL of a file': () => Promise.resolve(urlOf('simd')),
  'a path from the working directory': () => {
    const path = fileURLToPath(urlOf('simd'));
    return Promise.resolve(pathToFileURL(path).href.replace(pathToFileURL('./').href, './'));
  },
};

it.each(Object.entries(sources))('takes %s', async (_, source) => {
  const engine = keep(await createEngine({ wasm: await source() }));
  expect(engine).toMatchObject({ build: 'simd', threads: 1, state: 'live' });
  const { x, y } = smallData(4);
  expect(keep(smallModel({ engine })).trainOnBatch(x, y).loss).toBeGreaterThan(0);
  expect(info).not.toHaveBeenCalled();
});

it.each([
  ['simd', 'simd', 1],
  ['relaxed', 'relaxed', 1],
  ['simd_threads', 'simd', 3],
  ['relaxed_threads', 'relaxed', 3],
])('%s is recognised by what is in it', async (name, build, threads) => {
  const engine = keep(await createEngine({ wasm: await bytesOf(name), ...(threads > 1 && { threads }) }));
  expect(engine).toMatchObject({ build, threads });
});

it('a threaded file works on one thread; one without threads says so when asked for more', async () => {
  expect(keep(await createEngine({ wasm: await bytesOf('simd_threads'), threads: 1 })).threads).toBe(1);
  expect(info).not.toHaveBeenCalled();
  expect(keep(await createEngine({ wasm: await bytesOf('simd'), threads: 2 })).threads).toBe(1);
  expect(info.mock.calls).toEqual([['fourlane: one thread instead of 2: the wasm is one without threads']]);
});

it('what cannot be used is an OptionError that says why', async () => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const foreign = new Uint8Array([...empty, 2, 8, 1, 1, 97, 1, 98, 3, 127, 0]);
  const rows: [EngineOptions['wasm'], RegExp][] = [
    [7, /wasm must be a URL, bytes, a Response or a WebAssembly\.Module, got 7/],
    [{}, /got Object/],
    [empty.subarray(0, 5), /wasm is no module that runs here: CompileError/],
    [
      new TextEncoder().encode('<!doctype html>'),
      /wasm is no module that runs here, but a page of HTML, .*: CompileError/,
    ],
    [`${base}/nothing`, /wasm: http.*nothing answered 404 Not Found/],
    [await fetch(`${base}/nothing`), /wasm: http.*nothing answered 404 Not Found/],
    ['./nowhere.wasm', /wasm: ENOENT/],
    ['http://localhost:1/x.wasm', /wasm: fetch failed/],
    [empty, /wasm is no file of this version of the library/],
    [foreign, /wasm is no file of this version of the library/],
  ];
  for (const [wasm, message] of rows) {
    const creating = createEngine({ wasm: wasm! });
    await expect(creating, String(message)).rejects.toThrow(OptionError);
    await expect(creating).rejects.toThrow(message);
  }
  const creating = createEngine({ wasm: await bytesOf('simd'), build: 'relaxed' });
  await expect(creating).rejects.toThrow('createEngine: wasm is the build "simd", build asks for "relaxed"');
});

it('init() keeps to the file of the first call', async () => {
  const wasm = await bytesOf('simd');
  const engine = keep(await init({ wasm }));
  expect(await init({ wasm })).toBe(engine);
  await expect(init()).rejects.toThrow(
    /^init: called before with .*"wasm":"Buffer".*, now with .*; dispose that engine/,
  );
});

it('maximumMemory bounds what models may take, with and without threads', async () => {
  for (const threads of [1, 2]) {
    const engine = keep(await createEngine({ threads, maximumMemory: 16 << 20 }));
    const address = engine.alloc(10 << 20);
    expect(() => engine.alloc(10 << 20)).toThrow(StateError);
    expect(() => engine.alloc(10 << 20)).toThrow('out of memory: 10485760 bytes asked for, 10485760 in use');
    expect(engine.memory().byteLength).toBeLessThanOrEqual(16 << 20);
    engine.free(address);
    engine.alloc(10 << 20);
  }
  for (const maximumMemory of [1, 16777217.5, 2 ** 33, '1 GB' as never]) {
    await expect(createEngine({ maximumMemory })).rejects.toThrow(
      /createEngine: maximumMemory must be an integer in \[16777216, 4294967296\] bytes, got/,
    );
  }
});

it('where no shared memory can be reserved there is one thread, and a hint', async () => {
  const { Memory } = WebAssembly;
  const refused = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
    if (descriptor.shared === true) throw new RangeError('could not allocate memory');
    return new Memory(descriptor);
  });
  try {
    expect(keep(await createEngine({ threads: 2 })).threads).toBe(1);
    expect(refused.mock.calls.map(([{ maximum }]) => maximum)).toEqual([65536, 32768, 16384]);
    expect(info.mock.calls[0]![0]).toMatch(/one thread instead of 2: .*RangeError: could not allocate memory/);
  } finally {
    refused.mockRestore();
  }
});
