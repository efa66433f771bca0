import { afterAll, describe, expect, test } from 'vitest';
import { halve } from '../../examples/digits/halve.ts';
import { noiseDigits } from './noiseDigits.ts';
import { expectUsageError, runScript } from './runScript.ts';

const run = (args: readonly string[]) => runScript('seed-five-layer/main.ts', args);

const digits = noiseDigits(100);
const folder = digits.path;
afterAll(() => digits.remove());

describe('training', () => {
  test('shared against full kernels for each seed, then accuracy and speed of both', { timeout: 120_000 }, async () => {
    const args = ['--data', folder, '--epochs', '2', '--seeds', '2', '--target-accuracy', '0.5'];
    const { status, stdout, stderr } = await run(args);
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
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(expected.length);
    expected.forEach((line, i) => expect(lines[i]).toMatch(new RegExp(`^${line}$`)));
    expect(status).toBe(0);
  });

  test('exit code 1 for a target that is missed', { timeout: 120_000 }, async () => {
    const short = ['--data', folder, '--epochs', '1', '--seeds', '1', '--learning-rate', '0'];
    const { status, stderr } = await run([...short, '--target-accuracy', '0.9']);
    expect(stderr).toMatch(/^shared: accuracy [\d.]+ is below --target-accuracy 0\.9\n$/);
    expect(status).toBe(1);
  });
});

test.for([
  [['--seeds', '0'], '--seeds must be an integer >= 1, got "0"'],
  [['--seed', '1'], "Unknown option '--seed'"],
] as const)('%o: a sentence, and exit code 2', async ([args, message]) => {
  expectUsageError(await run(args), message, '--seeds N');
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
