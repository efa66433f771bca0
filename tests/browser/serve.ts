import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** The folder of the library as it is shipped. */
export const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Headers that let a page use threads. */
export const isolating = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The files of a folder on a free port of this machine. */
export interface FolderServer extends AsyncDisposable {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a folder; `/` is its index.html. An unknown path is 404, except `/blank`: an empty page. `headers` are those of
 * every answer. `more` has files besides.
 */
export async function serveFolder(
  folder: string,
  headers: Record<string, string> = {},
  more: (path: string) => Promise<string | Uint8Array> | undefined = () => undefined,
): Promise<FolderServer> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { pathname } = new URL(request.url!, 'http://localhost');
    if (pathname === '/blank') {
      response.writeHead(200, { 'content-type': types['.html'] }).end('<!doctype html><title>blank</title>');
      return;
    }
    const path = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
    (more(path) ?? readFile(join(folder, path))).then(
      (bytes) =>
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(bytes),
      () => response.writeHead(404).end(`no ${path}`),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> => closeServer(server);
  return { url, close, [Symbol.asyncDispose]: close };
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
