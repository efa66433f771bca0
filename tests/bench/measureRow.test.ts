import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Contender } from './contender.ts';
import { writeData } from './data.ts';
import { measureRow, type Peer } from './measureRow.ts';
import { ours, peerSpecs } from './peers.ts';
import { flopsOf } from './shapes.ts';
import type { Network, Row } from './workloads.ts';

const tiny: Network = {
  kind: 'network',
  name: 'tiny',
  input: [6, 6, 2],
  layers: [
    { kind: 'conv', filters: 3, kernel: 2, padding: 'valid', activation: 'relu' },
    { kind: 'pool', ceil: true },
    { kind: 'flatten' },
    { kind: 'dense', units: 10, activation: 'linear' },
  ],
  batch: 4,
  optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0 },
};
const timing = { rounds: 2, sliceMs: 1, clock: 'wall' } as const;

let folder: string;
const started: Contender[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourlane-bench-'));
});

afterEach(() => {
  for (const contender of started.splice(0)) contender.stop();
  rmSync(folder, { recursive: true });
});

function start(name: string, command = ours(1, undefined)): Contender {
  const contender = new Contender(name, command);
  started.push(contender);
  return contender;
}

function peer(name: string, ...args: string[]): Peer {
  const file = fileURLToPath(new URL('peers/wrong.ts', import.meta.url));
  const command = args.length === 0 ? undefined : { file: process.execPath, args: [file, ...args] };
  return { spec: { ...peerSpecs[0]!, name }, contender: start(name, command) };
}

it('measures peers that do the same, and tells what others do', async () => {
  const row: Row = { workload: tiny, phase: 'train' };
  const peers = [peer('same'), peer('wrong', '17'), peer('failing', 'crash'), peer('gone', 'exit')];
  const result = await measureRow(start('ours'), peers, row, { tensors: writeData(tiny, folder), timing });

  expect(Object.keys(result.peers)).toEqual(['same']);
  expect(result.peers['same']!.ratio).toBeGreaterThan(0);
  expect(result.errors['wrong']).toMatch(/^loss 1 is 17, ours \d/);
  expect(result.errors['failing']).toBe('failing: ran out of luck');
  expect(result.errors['gone']).toBe('gone: ended with 3');
  expect(result.build).toMatch(/^(simd|relaxed)/);
  expect(result.gflops).toBeCloseTo(flopsOf(tiny, 'train') / result.ms / 1e6, 12);
  expect(result.samplesPerSecond).toBeCloseTo(4000 / result.ms, 8);
  expect(result.memory.wasm).toBeGreaterThan(0);
});

it('fails when our own side fails', async () => {
  const row: Row = { workload: { ...tiny, input: [1, 1, 2] }, phase: 'predict' };
  await expect(measureRow(start('ours'), [], row, { tensors: writeData(tiny, folder), timing })).rejects.toThrow(
    /^ours: conv2d/,
  );
});
