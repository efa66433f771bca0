import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { halve } from '../../examples/digits/halve.ts';
import { idxBytes } from '../data/idxBytes.ts';
import { Numbers } from '../support/numbers.ts';

const script = fileURLToPath(new URL('../../examples/seed-five-layer/main.ts', import.meta.url));

/** What `npm run example:five-layer -- <args>` comes down to once everything is built. */
async function run(args: readonly string[]): Promise<{ status: number; lines: string[]; stderr: string }> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env.FOURLANE_DATA;
  const child = spawn(process.execPath, [script, ...args], { env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [status] = (await once(child, 'close')) as [number];
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

/** Folder with digits that are noise, of each class in a band of rows of its own. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourlane-five-'));
  const numbers = new Numbers(1);
  const write = (name: string, count: number) => {
    const labels = Array.from({ length: count }, (_, i) => i % 10);
    const pixel = (label: number, row: number) => (Math.floor(row / 2.8) === label ? 200 + numbers.integer(56) : 0);
    const pixels = labels.flatMap((label) => Array.from({ length: 784 }, (_, at) => pixel(label, Math.floor(at / 28))));
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idxBytes([count, 28, 28], pixels));
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idxBytes([count], labels));
  };
  write('train', 100);
  write('t10k', 20);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('training', () => {
  test('shared against full kernels for each seed, then accuracy and speed of both', { timeout: 120_000 }, async () => {
    const args = ['--data', folder, '--epochs', '2', '--seeds', '2', '--target-accuracy', '0.5'];
    const { status, lines, stderr } = await run(args);
    expect(stderr).toBe('');
    const accuracy = '\\d+\\.\\d\\d %';
    const result = `held-out accuracy ${accuracy} \\(${accuracy} to ${accuracy}\\), \\d+ samples/s`;
    const expected = [
      `100 digits of 13 x 13 to train on and 20 held out, from ${folder}`,
      '2 epochs in batches of 10, learning rates that fall to 0, 2 times each',
      ...[1, 2].flatMap((seed) => ['shared', 'full'].map((mode) => `seed ${seed}, ${mode}: accuracy ${accuracy}`)),
      `shared: 1709450 parameters, ${result}`,
      `full: 1717386 parameters, ${result}`,
    ];
    expect(lines).toHaveLength(expected.length);
    expected.forEach((line, i) => expect(lines[i]).toMatch(new RegExp(`^${line}$`)));
    expect(status).toBe(0);
  });

  test('exit code 1 for a target that is missed', { timeout: 120_000 }, async () => {
    const args = [
      '--data',
      folder,
      '--epochs',
      '1',
      '--seeds',
      '1',
      '--learning-rate',
      '0',
      '--target-accuracy',
      '0.9',
    ];
    const { status, stderr } = await run(args);
    expect(stderr).toMatch(/^shared: accuracy [\d.]+ is below --target-accuracy 0\.9\n$/);
    expect(status).toBe(1);
  });
});

test.for([
  [['--seeds', '0'], '--seeds must be an integer >= 1, got "0"'],
  [['--seed', '1'], "Unknown option '--seed'"],
] as const)('%o: a sentence, and exit code 2', async ([args, message]) => {
  const { status, lines, stderr } = await run(args);
  expect(stderr).toContain(message);
  expect(stderr).toContain('--seeds N');
  expect(lines).toEqual(['']);
  expect(status).toBe(2);
});

test('halving takes the mean of blocks of 2 x 2', () => {
  const images = {
    data: Uint8Array.of(0, 10, 1, 1, 20, 30, 1, 2, 255, 255, 0, 0, 255, 255, 0, 2),
    shape: [2, 2, 4, 1],
  };
  const labels = { data: Uint8Array.of(3, 4), shape: [2] };
  const small = halve({ images, labels });
  expect(small.images.shape).toEqual([2, 1, 2, 1]);
  expect([...small.images.data]).toEqual([15, 1, 255, 1]);
  expect(small.labels).toBe(labels);
});
