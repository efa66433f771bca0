import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, createServer, type InlineConfig } from 'vite';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { digitsFile } from '../../examples/mnist-browser/makeDigits.ts';
import { isolation } from '../../examples/mnist-browser/vite.config.ts';
import { problemsOf } from './chromium.ts';
import { page, useChromium } from './fixture.ts';
import { serveFolder } from './serve.ts';

/** What the page holds for tests, and what tests put beside it. */
interface PageState {
  stepLosses: number[];
  /** When frames were drawn while training. */
  frameTimes: number[];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const config: InlineConfig = { configFile: here('../../examples/mnist-browser/vite.config.ts'), logLevel: 'warn' };

let folder: string | undefined;
let problems: string[];

const servers = useChromium({
  built: async () => {
    folder = await mkdtemp(join(tmpdir(), 'fourlane-page-'));
    await build({ ...config, build: { outDir: folder, emptyOutDir: true } });
    return serveFolder(folder);
  },
  isolated: () => serveFolder(folder!, isolation),
});

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

beforeEach(() => {
  problems = problemsOf(page);
});

const button = (name: 'Start' | 'Stop') => page.getByRole('button', { name, exact: true });

/** Opens the page and waits until it is ready; how many threads it is to train on. */
async function open(url: string): Promise<number> {
  await page.goto(url);
  const ready = page.getByRole('status').filter({ hasText: 'Ready' });
  await ready.waitFor();
  const [, threads] = /^Ready: 9,500 digits to train on, (one thread|\d+ threads)\.$/.exec(
    (await ready.textContent())!,
  )!;
  return threads === 'one thread' ? 1 : parseInt(threads!, 10);
}

/** Opens the page, presses Start and waits until it has stopped by itself; the loss of each step. */
async function trainInPage(url: string, threads?: number): Promise<number[]> {
  const chosen = await open(url);
  if (threads !== undefined) expect(chosen).toBe(threads);
  await button('Start').click();
  await page.getByRole('status').filter({ hasText: 'Stopped' }).waitFor();
  return page.evaluate(() => (globalThis as unknown as PageState).stepLosses);
}

async function trainInNode(steps: number, seed: number): Promise<number[]> {
  const script = here('trainInNode.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, digitsFile, String(steps), String(seed)]);
  return JSON.parse(stdout) as number[];
}

test('20 steps in the page give the losses of the same run in Node, bit for bit, whatever its headers', async () => {
  const inNode = await trainInNode(20, 7);
  expect(inNode).toHaveLength(20);
  expect(inNode.every(Number.isFinite)).toBe(true);
  expect(new Set(inNode).size).toBe(20);
  expect(await trainInPage(`${servers.built.url}/?steps=20&seed=7`, 1)).toEqual(inNode);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  expect(await trainInPage(`${servers.isolated.url}/?steps=20&seed=7`, Math.min(cores, 8))).toEqual(inNode);
  expect(problems).toEqual([]);
});

test('the seed of the address draws other weights', async () => {
  const [first] = await trainInPage(`${servers.built.url}/?steps=1&seed=1`);
  const [second] = await trainInPage(`${servers.built.url}/?steps=1&seed=2`);
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThan(0);
  expect(first).not.toBe(second);
});

test('frames are drawn and clicks are heard during training; Start goes on after Stop', async () => {
  await open(`${servers.isolated.url}/?seed=3`);
  await page.evaluate(() => {
    const state = globalThis as unknown as PageState;
    state.frameTimes = [];
    const count = (time: number): void => {
      if (document.querySelector('#toggle')!.textContent === 'Stop') state.frameTimes.push(time);
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await button('Start').click();
  // The run is 20 epochs of 950 steps: frames that only came after it would come too late for this.
  await page.waitForFunction(() => (globalThis as unknown as PageState).frameTimes.length >= 120);
  await button('Stop').click();
  await button('Start').waitFor();
  const { stepLosses, frameTimes } = await page.evaluate(() => {
    const { stepLosses, frameTimes } = globalThis as unknown as PageState;
    return { stepLosses, frameTimes };
  });
  const longest = Math.max(...frameTimes.slice(1).map((time, i) => time - frameTimes[i]!));
  console.log(`mnist-browser: ${frameTimes.length} frames while training, longest gap ${longest.toFixed(1)} ms`);
  const stopped = stepLosses.length;
  expect(stopped).toBeGreaterThan(0);
  expect(stopped).toBeLessThan(20 * 950);
  await button('Start').click();
  await page.waitForFunction((steps) => (globalThis as unknown as PageState).stepLosses.length >= steps + 5, stopped);
  await button('Stop').click();
  await page.getByRole('status').filter({ hasText: 'Stopped after' }).waitFor();
  expect(problems).toEqual([]);
});

test('shows numbers, charts with labelled axes, and digits with their predictions', async () => {
  await trainInPage(`${servers.built.url}/?steps=60&seed=1`);
  expect(await page.locator('#seen').textContent()).toBe('600');
  expect(await page.locator('#loss').textContent()).toMatch(/^\d\.\d{4}$/);
  expect(await page.locator('#accuracy').textContent()).toMatch(/^\d+\.\d %$/);
  expect(Number((await page.locator('#speed').textContent())!.replaceAll(',', ''))).toBeGreaterThan(0);
  for (const [chart, label] of [
    ['loss', 'loss per digit, log scale'],
    ['accuracy', 'accuracy'],
  ] as const) {
    const svg = page.locator(`svg#${chart}-chart`);
    expect(await svg.locator('.axis').allTextContents()).toEqual(['training steps', label]);
    expect(await svg.getAttribute('aria-label')).toMatch(/ from .* to .* at 60$/);
    const points = (await svg.locator('.curve').getAttribute('points'))!.split(' ');
    expect(points.length).toBe(chart === 'loss' ? 60 : 4);
  }
  const tiles = page.locator('#digits li');
  const labels = await tiles.locator('canvas').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')!));
  const marked = await tiles.evaluateAll((all) => all.map((one) => one.classList.contains('wrong')));
  const guesses = await tiles.locator('span').allTextContents();
  expect(labels).toHaveLength(80);
  labels.forEach((text, i) => {
    const [, digit, read, note] = /^a handwritten (\d), read as (\d)(: wrong)?$/.exec(text)!;
    expect(marked[i]).toBe(digit !== read);
    expect(note !== undefined).toBe(digit !== read);
    expect(guesses[i]).toBe(digit === read ? read : `✗ ${read}`);
  });
  const right = marked.filter((wrong) => !wrong).length;
  // Guessing gives 8 of 80; after 60 steps most are read.
  expect(right).toBeGreaterThan(40);
});

test('the page trains under the development server too', async () => {
  const server = await createServer({ ...config, server: { port: 0, host: '127.0.0.1', hmr: false } });
  try {
    await server.listen();
    const losses = await trainInPage(`${server.resolvedUrls!.local[0]!}?steps=2&seed=7`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(losses).toEqual(await trainInNode(2, 7));
  } finally {
    await server.close();
  }
});

test('npm run example:browser serves the page and its digits', async () => {
  const child = spawn(process.execPath, [here('../../examples/mnist-browser/start.ts')], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  try {
    let shown = '';
    for await (const chunk of child.stdout) {
      shown += String(chunk);
      if (/Local:.*\n/.test(shown)) break;
    }
    const url = /Local:\s+(http:\S+)/.exec(shown)?.[1];
    if (url === undefined) throw new Error(`no address in the output of start.ts: ${shown}`);
    expect(await (await fetch(url)).text()).toContain('<h1>Learning to read digits</h1>');
    const digits = await (await fetch(new URL('digits.bin', url))).arrayBuffer();
    expect(digits.byteLength).toBe(10_000 * (24 * 24 + 1));
  } finally {
    child.kill();
  }
});
