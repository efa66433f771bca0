import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createEngine, type BuildName } from '../../ts/entrypoints/node.ts';
import { inWorker, page, useChromium } from './fixture.ts';
import { dist, type FolderServer, isolating, serveFolder } from './serve.ts';

/** What an engine in the browser says of itself. */
interface Report {
  build: BuildName;
  fused: boolean;
  threads: number;
  sum: number;
  states: string[];
}

const LENGTH = 100_003;

/** Makes an engine, sums squares on it a few times, and disposes of it. Runs in the page or a worker. */
const program = `
  async function report(url, options) {
    const { createEngine } = await import(url);
    const engine = await createEngine(options);
    const { build, fused, threads } = engine;
    const address = engine.alloc(4 * ${LENGTH});
    const values = new Float32Array(engine.buffer, address, ${LENGTH});
    values.forEach((_, i) => { values[i] = Math.fround((i % 1009) / 1009 - 0.5); });
    const sums = Array.from({ length: 50 }, () => engine.run((k) => k.pool_sum_of_squares(${LENGTH}, address)));
    const states = [engine.state];
    engine.dispose();
    states.push(engine.state);
    return { build, fused, threads, sum: new Set(sums).size === 1 ? sums[0] : NaN, states };
  }
`;

let appFolder: string | undefined;

/** An app that trains in a worker, bundled by vite. */
async function serveApp(): Promise<FolderServer> {
  appFolder = await mkdtemp(join(tmpdir(), 'fourlane-threads-'));
  const root = fileURLToPath(new URL('threadsApp', import.meta.url));
  await build({ root, configFile: false, logLevel: 'warn', build: { outDir: appFolder, emptyOutDir: true } });
  return serveFolder(appFolder, isolating);
}

afterAll(async () => {
  if (appFolder !== undefined) await rm(appFolder, { recursive: true });
});

const servers = useChromium({
  plain: () => serveFolder(dist),
  isolated: () => serveFolder(dist, isolating),
  strict: () => serveFolder(dist, { ...isolating, 'content-security-policy': 'worker-src blob:' }),
  app: serveApp,
});

let said: string[];

beforeEach(() => {
  said = [];
  page.on('console', (message) => {
    if (message.text().startsWith('fourlane')) said.push(message.text());
  });
});

/** Opens an empty page of a server and gives the call of {@link program} in it. */
async function open({ url }: FolderServer, options: object): Promise<string> {
  await page.goto(`${url}/blank`);
  return `report(${JSON.stringify(`${url}/browser.js`)}, ${JSON.stringify(options)})`;
}

async function reportOfPage(server: FolderServer, options: object): Promise<Report> {
  const call = await open(server, options);
  return page.evaluate(`(() => { ${program} return ${call}; })()`);
}

async function reportOfWorker(server: FolderServer, options: object): Promise<Report> {
  const call = await open(server, options);
  return inWorker(`${program} postMessage(await ${call});`);
}

/** The same sum in Node. */
async function sumInNode(build: BuildName): Promise<number> {
  const engine = await createEngine({ build });
  const address = engine.alloc(4 * LENGTH);
  const values = new Float32Array(engine.buffer, address, LENGTH);
  values.forEach((_, i) => (values[i] = Math.fround((i % 1009) / 1009 - 0.5)));
  const sum = engine.run((kernels) => kernels.pool_sum_of_squares(LENGTH, address));
  engine.dispose();
  return sum;
}

test.each<BuildName>(['simd', 'relaxed'])(
  '%s: threads in a worker of an isolated page, with the bits of Node',
  async (build) => {
    const sum = await sumInNode(build);
    for (const threads of [1, 2, 3]) {
      const report = await reportOfWorker(servers.isolated, { build, threads });
      expect(report).toMatchObject({ build, threads, sum, states: ['live', 'disposed'] });
    }
    expect(said).toEqual([]);
  },
);

test('in an app bundled by vite, which trains in a worker', async () => {
  await page.goto(`${servers.app.url}/`);
  await page.waitForFunction(() => 'report' in globalThis);
  const report = await page.evaluate(() => (globalThis as unknown as { report: object }).report);
  expect(report).toEqual({ threads: 2, sum: 2500 });
});

test("on a page's main thread, which may not wait, there is one thread and a hint", async () => {
  const report = await reportOfPage(servers.isolated, { threads: 2 });
  expect(report).toMatchObject({ threads: 1, sum: await sumInNode('simd'), states: ['live', 'disposed'] });
  expect(said).toEqual([
    "fourlane: one thread instead of 2: a page's main thread may not wait for others; run the library in a worker to use them",
  ]);
});

test('so there is without the headers that isolate a page', async () => {
  expect(await reportOfWorker(servers.plain, { threads: 2 })).toMatchObject({
    threads: 1,
    states: ['live', 'disposed'],
  });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /^fourlane: one thread instead of 2: the page is not cross-origin isolated; it needs the headers/,
  );
});

test("and where a policy of the page forbids the threads' program", async () => {
  expect(await reportOfWorker(servers.strict, { threads: 2 })).toMatchObject({
    threads: 1,
    states: ['live', 'disposed'],
  });
  expect(said).toEqual([
    'fourlane: one thread instead of 2: starting the others failed (Error: poolWorker.js could not be loaded)',
  ]);
});
