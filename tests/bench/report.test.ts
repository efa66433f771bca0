import { expect, it } from 'vitest';
import type { RowResult } from './measureRow.ts';
import { readOptions } from './options.ts';
import { markdown, rowLine, toJSON, type Results } from './report.ts';

const row: RowResult = {
  name: 'W3 lenet5',
  phase: 'train',
  ms: 5,
  samplesPerSecond: 12800,
  gflops: 30,
  build: 'simd',
  firstStepMs: 31.24,
  memory: { wasm: 2 ** 22, resident: 2 ** 26 },
  peers: { torch: { ms: 7.5, ratio: 1.5, note: 'NCHW' }, 'one-thread': { ms: 9, ratio: 1.8 } },
  errors: { 'jax-js': 'loss 2 is 3, ours 2' },
};
const results: Results = {
  machine: 'A machine',
  date: '2026-11-25',
  threads: 2,
  clock: 'wall',
  peak: { one: 50, all: 90 },
  initMs: 12.345,
  files: [{ name: 'kernels.wasm', bytes: 1000, gzip: 500 }],
  peers: ['torch', 'jax-js', 'one-thread'],
  rows: [row],
  skipped: ['W4 train is skipped: no adam'],
};

it('results are Markdown', () => {
  const lines = markdown(results).split('\n');
  const cells = lines
    .find((line) => line.includes('W3'))!
    .split('|')
    .map((cell) => cell.trim());
  // 30 of 90 GFLOP/s, and 1.8 times one thread where the peak has 1.8 times.
  const own = ['W3 lenet5', 'train', '5.00', '12800', '30.0', '33.3 %'];
  expect(cells).toEqual(['', ...own, '7.50 (1.50)', 'error', '9.00 (1.80)', '1.00', '']);
  expect(lines).toContain('- W3 lenet5 train, jax-js: loss 2 is 3, ours 2');
  expect(lines).toContain('- W4 train is skipped: no adam');
  expect(lines).toContain('| W3 lenet5 | train |           31.2 |             4.00 |                     64.0 |');
  expect(lines).toContain('| kernels.wasm |  1000 |  500 |');
});

it('a row is one line while the run goes on', () => {
  expect(rowLine(row, results.peak)).toBe(
    'W3 lenet5 train       5.00 ms, 33.3 % of peak; torch 7.50 (1.50); one-thread 9.00 (1.80); jax-js: loss 2 is 3, ours 2',
  );
});

it('results are data', () => {
  const json = toJSON(results) as { rows: Record<string, unknown>[] };
  expect(json).toMatchObject({ machine: 'A machine', peakGflops: 90, peakGflopsOneThread: 50, initMs: 12.345 });
  const { name, phase, ms, gflops, shareOfPeak, threads, build, peers } = json.rows[0]!;
  expect({ name, phase, ms, gflops, shareOfPeak, threads, build }).toEqual({
    ...{ name: 'W3 lenet5', phase: 'train', ms: 5, gflops: 30, shareOfPeak: 30 / 90, threads: 2, build: 'simd' },
  });
  expect(peers).toEqual(row.peers);
});

it('options say what is measured', () => {
  const names = (args: string[]): string[] => readOptions(args).peers.map(({ name }) => name);
  expect(names([])).toEqual(['torch', 'torch-avx2', 'tfjs-wasm', 'tfjs-cpu', 'jax-js', 'convnetjs', 'chromium']);
  expect(names(['--quick'])).toEqual(['torch', 'torch-avx2', 'tfjs-wasm']);
  expect(names(['--quick', '--threads', '2'])).toEqual(['torch', 'torch-avx2', 'tfjs-wasm', 'one-thread']);
  expect(names(['--peers', 'torch,tfjs-wasm'])).toEqual(['torch', 'tfjs-wasm']);
  expect(names(['--peers', 'none'])).toEqual([]);
  const { rows, threads, build, json, profile } = readOptions([
    '--only',
    'W4,gemm 256',
    '--threads',
    '2',
    '--build',
    'simd',
  ]);
  expect(rows).toHaveLength(6);
  expect({ threads, build, json, profile }).toEqual({ threads: 2, build: 'simd', json: undefined, profile: false });
});

it.each([
  [['--peers', 'keras'], '--peers: no peer "keras"'],
  [['--only', 'W9'], '--only: no row starts with "W9"'],
  [['--cpu', '--threads', '2'], '--cpu: goes with one thread, got --threads 2'],
  [['--threads', 'two'], '--threads: expected a number from 1, got two'],
  [['--fast'], "Unknown option '--fast'"],
])('options %o are wrong', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
