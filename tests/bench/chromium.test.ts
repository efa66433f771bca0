import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findChromium, noChromium } from '../browser/chromium.ts';
import { Contender } from './contender.ts';
import { writeData } from './data.ts';
import { ours, peerSpecs } from './peers.ts';
import { rowsNamed } from './workloads.ts';

it('a worker of Chromium takes the steps that are measured with the bits of Node', async (context) => {
  context.skip(findChromium() === undefined, noChromium);
  const folder = mkdtempSync(join(tmpdir(), 'fourlane-bench-'));
  const chromium = peerSpecs.find(({ name }) => name === 'chromium')!;
  const contenders = [
    new Contender('node', ours(1, 'simd')),
    new Contender('chromium', chromium.command(1, 'simd')),
    new Contender('chromium, 2 threads', chromium.command(2, 'simd')),
  ];
  try {
    const [{ workload, phase }] = rowsNamed(['W3']) as [ReturnType<typeof rowsNamed>[number]];
    const tensors = writeData(workload, folder);
    const losses: number[][] = [];
    for (const contender of contenders) {
      expect(await contender.load({ workload, phase, tensors })).toEqual({ note: 'simd' });
      const { ms, values } = await contender.run({ steps: 3, reset: true, clock: 'wall' });
      expect(ms).toBeGreaterThan(0);
      losses.push(values);
    }
    expect(losses[0]![0]).toBeGreaterThan(0);
    expect(losses).toEqual([losses[0], losses[0], losses[0]]);
  } finally {
    for (const contender of contenders) contender.stop();
    rmSync(folder, { recursive: true });
  }
});
