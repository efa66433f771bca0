// `npm run bench:page`: what the smallest page that trains loads, and how long `init()` takes in Chromium.
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium, noChromium } from '../browser/chromium.ts';
import { dist, isolating, serveFolder } from '../browser/serve.ts';
import { bundle } from '../support/bundle.ts';
import { digits, markdownTable } from './markdownTable.ts';
import { median } from './median.ts';

const REPEATS = 7;

/** A page that trains one step and reports; the library is imported from `entry`. */
const program = (entry: string, where: 'page' | 'worker'): string => `
  import { init, layers, sequential, sgd } from '${entry}';
  const started = performance.now();
  const engine = await init();
  const report = { ms: performance.now() - started, build: engine.build, threads: engine.threads };
  const model = sequential([layers.input({ shape: [8] }), layers.dense({ units: 2, activation: 'softmax' })]);
  model.compile({ optimizer: sgd(), loss: 'sparseCategoricalCrossentropy' });
  await model.fit({ data: new Float32Array(32), shape: [4, 8] }, { data: new Uint8Array(4), shape: [4] }, { epochs: 1 });
  ${where === 'page' ? 'globalThis.report = report' : 'postMessage(report)'};
`;

const html = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="app.js"></script>';
const startsWorker = `
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => { globalThis.report = data; };
`;

interface Report {
  ms: number;
  build: string;
  threads: number;
}

/** As an app's bundler leaves it: one minified file, beside the library's own. */
function bundled(code: string): Promise<string> {
  const input = 'virtual:app';
  const plugin = {
    name: 'app',
    resolveId: (id: string) => (id === input ? id : id === 'fourlane' ? `${dist}/browser.js` : undefined),
    load: (id: string) => (id === input ? code : undefined),
  };
  return bundle({ input, platform: 'browser', plugins: [plugin] }, { minify: true });
}

/** Opens the page in a fresh profile each time; the reports, and what the first one loaded. */
async function open(browser: Browser, files: Record<string, string>, headers: Record<string, string>) {
  await using server = await serveFolder(dist, headers, (path) =>
    path in files ? Promise.resolve(files[path]!) : undefined,
  );
  const reports: Report[] = [];
  const loaded: { name: string; bytes: number; gzip: number }[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const bodies: Promise<void>[] = [];
    if (repeat === 0) {
      context.on('response', (response) => {
        const name = new URL(response.url()).pathname;
        if (!response.url().startsWith(server.url)) return;
        const count = async (): Promise<void> => {
          const body = await response.body();
          loaded.push({ name, bytes: body.length, gzip: gzipSync(body, { level: 9 }).length });
        };
        bodies.push(count());
      });
    }
    await page.goto(`${server.url}/`);
    await page.waitForFunction(() => 'report' in globalThis);
    reports.push(await page.evaluate(() => (globalThis as unknown as { report: Report }).report));
    await Promise.all(bodies);
    await context.close();
  }
  return { reports, loaded };
}

const executable = findChromium();
if (executable === undefined) throw new Error(noChromium);
const browser = await launchChromium(executable);
const pages: [string, Record<string, string>, Record<string, string>][] = [
  ['bundled', { '/index.html': html, '/app.js': await bundled(program('fourlane', 'page')) }, {}],
  ['without a bundler', { '/index.html': html, '/app.js': program('./browser.js', 'page') }, {}],
  ['fourlane/inline', { '/index.html': html, '/app.js': program('./inline.js', 'page') }, {}],
  [
    'bundled, in a worker of an isolated page',
    { '/index.html': html, '/app.js': startsWorker, '/worker.js': await bundled(program('fourlane', 'worker')) },
    isolating,
  ],
];
console.log(`${cpus()[0]?.model.trim()}, Chromium ${browser.version()}, from the same machine\n`);
const rows: string[][] = [];
for (const [name, files, headers] of pages) {
  const { reports, loaded } = await open(browser, files, headers);
  const { build, threads } = reports[0]!;
  const sum = (of: 'bytes' | 'gzip') => loaded.reduce((total, file) => total + file[of], 0);
  const init = digits(median(reports.map(({ ms }) => ms)));
  const names = loaded.map((file) => file.name).filter((file) => file.endsWith('.wasm'));
  rows.push([name, `${build}, ${threads}`, String(loaded.length), String(sum('bytes')), String(sum('gzip')), init]);
  if (names.length !== (name.includes('inline') ? 0 : 1)) throw new Error(`${name}: loaded ${names.join(', ')}`);
}
await browser.close();
console.log(markdownTable(['page', 'build, threads', 'files', 'bytes', 'gzip', '`init()`, ms'], rows, 2));
