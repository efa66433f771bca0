import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDigits } from '../../examples/digits/loadDigits.ts';
import type { Status } from '../../examples/node-server/learner.ts';
import { noiseDigits } from './noiseDigits.ts';
import { expectUsageError, runScript } from './runScript.ts';
import { startServer, type RunningServer } from './startServer.ts';

const PIXELS = 28 * 28;

interface Answer {
  digit: number;
  probabilities: number[];
}

/** Held-out digits, as the server splits them with the seed 1. */
let pictures: number[][];
let labels: number[];
let folder: string;
let model: string;
let server: RunningServer;
/** What it reads after its first training. */
let first: Answer[];

const start = (): Promise<RunningServer> =>
  startServer('node-server/main.ts', ['--port', '0', '--model', model, '--epochs', '4']);

beforeAll(async () => {
  const { test: held } = await loadDigits(undefined, 1, 28);
  labels = Array.from(held.labels.data);
  pictures = labels.map((_, i) => Array.from(held.images.data.subarray(i * PIXELS, (i + 1) * PIXELS)));
  folder = mkdtempSync(join(tmpdir(), 'fourlane-server-'));
  model = join(folder, 'digits.safetensors');
  server = await start();
});

afterAll(async () => {
  await server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

async function post(path: string, body: unknown, { url } = server): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function classify(picture: number, from = server): Promise<Answer> {
  const { status, body } = await post('/classify', { pixels: pictures[picture] }, from);
  expect(status).toBe(200);
  return body as Answer;
}

const status = async (): Promise<Status> => (await (await fetch(`${server.url}/status`)).json()) as Status;

/** Classifies one picture after the other while the server is in that state, or so many; milliseconds of each, sorted. */
async function latencies(state: Status['state'], most: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < most && (await status()).state === state; i++) {
    const began = performance.now();
    await classify(i);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

function print(what: string, sorted: readonly number[]): void {
  const at = (fraction: number) =>
    sorted[Math.min(Math.floor(fraction * sorted.length), sorted.length - 1)]!.toFixed(1);
  const percentiles = `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(1)} ms`;
  console.log(`node-server: classify ${what}: ${percentiles} of ${sorted.length} requests`);
}

/** Waits until it has learned all it was told. */
async function idle(): Promise<Status> {
  for (;;) {
    const now = await status();
    if (now.state === 'idle') return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('answers while it is trained, and then reads most digits that it has not seen', async () => {
  const busy = await latencies('first training', 400);
  print('while it trains', busy);
  expect(busy.length).toBeGreaterThan(0);
  const { accuracy, corrections } = await idle();
  expect(corrections).toEqual({ received: 0, remembered: 0, learned: 0 });
  expect(accuracy).toBeGreaterThan(0.95);
  expect(accuracy).toBeLessThanOrEqual(1);
  const resting = await latencies('idle', 400);
  print('idle', resting);
  expect(resting).toHaveLength(400);
  first = await Promise.all(labels.slice(0, 50).map((_, i) => classify(i)));
  for (const { probabilities } of first) {
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  }
});

test('corrections change what it reads and not what else it knows; a new process goes on from the file', async () => {
  await idle();
  const answers = await Promise.all(labels.slice(0, 500).map((_, i) => classify(i)));
  const wrong = answers.flatMap(({ digit }, i) => (digit === labels[i] ? [] : [i])).slice(0, 4);
  expect(wrong.length).toBeGreaterThan(1);
  for (const i of wrong) {
    const { status: code, body } = await post('/correct', { pixels: pictures[i], digit: labels[i] });
    expect(code).toBe(202);
    expect((body as Status).state).toBe('learning');
  }
  const after = await idle();
  expect(after.corrections).toEqual({ received: wrong.length, remembered: wrong.length, learned: wrong.length });
  expect(after.accuracy).toBeGreaterThan(0.94);
  const corrected = await Promise.all(wrong.map((i) => classify(i)));
  expect(corrected.map(({ digit }) => digit)).toEqual(wrong.map((i) => labels[i]));

  expect(await server.stop()).toBe(0);
  server = await start();
  expect(await status()).toEqual({
    state: 'idle',
    corrections: { received: 0, remembered: 0, learned: 0 },
    accuracy: null,
  });
  expect(await Promise.all(wrong.map((i) => classify(i))), 'bit for bit').toEqual(corrected);
});

test.for([
  ['/classify', {}, "body must have required property 'pixels'"],
  ['/classify', { pixels: [1, 2, 3] }, 'body/pixels must NOT have fewer than 784 items'],
  ['/classify', { pixels: [...Array<number>(783).fill(0), 256] }, 'body/pixels/783 must be <= 255'],
  ['/classify', { pixels: ['7', ...Array<number>(783).fill(0)] }, 'body/pixels/0 must be integer'],
  ['/correct', { pixels: Array<number>(784).fill(0), digit: 10 }, 'body/digit must be <= 9'],
  ['/correct', { pixels: Array<number>(784).fill(0), digit: null }, 'body/digit must be integer'],
  ['/correct', { pixels: Array<number>(784).fill(0) }, "body must have required property 'digit'"],
  ['/classify', { pixels: Array<number>(784).fill(0), digit: 1 }, 'body must NOT have additional properties'],
] as const)('%s: 400 and a sentence, case %#', async ([path, body, message]) => {
  const before = await status();
  const answer = await post(path, body);
  expect(answer).toEqual({ status: 400, body: expect.objectContaining({ error: 'Bad Request', message }) as unknown });
  expect(await status()).toEqual(before);
});

test('400 for what is no JSON, 404 for another address', async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/classify`, { method: 'POST', headers, body: '{"pixels": [' });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { message: string }).message).toMatch(/JSON/);
  expect((await fetch(`${server.url}/train`)).status).toBe(404);
});

test('stopped during its first training, it ends cleanly and goes on from the checkpoint', async () => {
  const other = join(folder, 'other.safetensors');
  const args = ['--port', '0', '--model', other, '--epochs', '4'];
  const checkpoint = `${other}.first`;
  const began = await startServer('node-server/main.ts', args);
  while (!existsSync(checkpoint)) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await began.stop()).toBe(0);
  expect([existsSync(checkpoint), existsSync(other)]).toEqual([true, false]);
  await using again = await startServer('node-server/main.ts', args);
  while (!existsSync(other) || existsSync(checkpoint)) await new Promise((resolve) => setTimeout(resolve, 20));
  const answers = await Promise.all(first.map((_, i) => classify(i, again)));
  expect(answers, 'as the server that never stopped').toEqual(first);
});

test('learns digits of a folder', async () => {
  const bands = noiseDigits(60);
  const args = ['--port', '0', '--model', join(folder, 'bands.safetensors'), '--data', bands.path, '--epochs', '60'];
  {
    await using other = await startServer('node-server/main.ts', args);
    const now = async () => (await (await fetch(`${other.url}/status`)).json()) as Status;
    while ((await now()).state !== 'idle') await new Promise((resolve) => setTimeout(resolve, 20));
    // More than any network reads of handwritten digits that it has not seen.
    expect((await now()).accuracy).toBe(1);
  }
  bands.remove();
});

test('a port that is taken: a sentence and exit code 1, without a first training', async () => {
  const other = join(folder, 'none.safetensors');
  const { status: code, stderr } = await runScript('node-server/main.ts', [
    ...['--port', new URL(server.url).port],
    ...['--model', other],
  ]);
  expect(stderr).toMatch(/^listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+\n$/);
  expect(code).toBe(1);
  expect(existsSync(other)).toBe(false);
});

test.for([
  [['--epochs', '0'], '--epochs must be an integer >= 1, got "0"'],
  [['--data', '/nowhere/at/all'], '--data: there is no folder /nowhere/at/all'],
] as const)('%o: a sentence, and exit code 2', async ([args, message]) => {
  expectUsageError(await runScript('node-server/main.ts', args), message, '--model FILE');
});
