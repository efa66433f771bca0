import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { init, type Engine } from '../../ts/entrypoints/node.ts';
import { conv2dBackwardInput, conv2dBackwardWeight, conv2dForward, gemm } from '../../ts/entrypoints/ops.ts';
import { writeData } from './data.ts';
import { bindOperation } from './peers/fourlaneOperation.ts';
import { readFloats, readTensors } from './peers/tensors.ts';
import { sampledIndices } from './protocol.ts';
import type { Convolution, Product } from './workloads.ts';

let engine: Engine;
let folder: string;

beforeAll(async () => {
  engine = await init();
  folder = mkdtempSync(join(tmpdir(), 'fourlane-bench-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The sampled entries of an operation as it is measured, and its data. */
function measured(workload: Product | Convolution): { values: number[]; read: (name: string) => Operand } {
  const tensors = writeData(workload, folder);
  const job = bindOperation(engine, workload, readTensors(tensors));
  void job.step();
  const values = Array.from(job.values() as number[]);
  job.dispose!();
  return { values, read: (name) => ({ data: readFloats(tensors[name]), shape: tensors[name]!.shape }) };
}

interface Operand {
  data: Float32Array;
  shape: readonly number[];
}

const sampled = ({ data }: { data: Float32Array }): number[] =>
  sampledIndices(data.length).map((index) => data[index]!);

it.each([
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
])('gemm as measured is that of the library: %o', (options) => {
  const { values, read } = measured({ kind: 'gemm', name: 'gemm', n: 40, ...options });
  const expected = sampled(gemm<undefined>(read('a'), read('b'), options));
  expect(values).toEqual(expected);
  expect(new Set(values).size).toBeGreaterThan(32);
});

it('convolutions as measured are those of the library', () => {
  const shape = { kind: 'conv', size: 7, channels: 5, filters: 8, batch: 3 } as const;
  const results = (['forward', 'input', 'weight'] as const).map((pass) =>
    measured({ ...shape, name: `conv ${pass}`, pass }),
  );
  const [input, weight, gradOutput] = ['input', 'weight', 'gradOutput'].map((name) => results[0]!.read(name)) as [
    Operand,
    Operand,
    Operand,
  ];
  const padding = 'same';
  const expected = [
    conv2dForward(input, weight, { padding }),
    conv2dBackwardInput(gradOutput, weight, { padding, inputShape: input.shape }),
    conv2dBackwardWeight(input, gradOutput, { padding, kernelSize: 3 }).gradWeight,
  ];
  expect(results.map(({ values }) => values)).toEqual(expected.map(sampled));
});
