import { describe, expect, it } from 'vitest';
import { flopsOf, product, weightedLayers } from './shapes.ts';
import { allRows, networks, rowsNamed, type Workload } from './workloads.ts';

const named = (name: string): Workload => rowsNamed([name])[0]!.workload;

describe('work', () => {
  it('of the networks has the parameters of its description', () => {
    const parameters = networks.map((network) =>
      weightedLayers(network).reduce((sum, { kernel }) => sum + product(kernel) + kernel.at(-1)!, 0),
    );
    // By hand: kernels and biases, layer by layer.
    const w1 = 9 * 32 + 32 + (11 * 11 * 32 * 2048 + 2048) + (2048 * 10 + 10);
    const w2 = 9 * 32 + 32 + (4 * 32 * 64 + 64) + (576 * 128 + 128) + (128 * 10 + 10);
    const w3 = 25 * 6 + 6 + (25 * 6 * 16 + 16) + (400 * 120 + 120) + (120 * 84 + 84) + (84 * 10 + 10);
    const w4 = 9 * 32 + 32 + (9 * 32 * 64 + 64) + (9216 * 128 + 128) + (128 * 10 + 10);
    const pairs = [3, 32, 32, 64, 64, 128].map((inputs, i) => [inputs, [32, 32, 64, 64, 128, 128][i]!] as const);
    const convolutions = pairs.reduce((sum, [inputs, filters]) => sum + 9 * inputs * filters + filters, 0);
    const w5 = convolutions + (2048 * 128 + 128) + (128 * 10 + 10);
    expect(parameters).toEqual([w1, w2, w3, w4, w5]);
  });

  it('is counted directly', () => {
    expect(flopsOf(named('gemm 512 tn'), 'op')).toBe(2 * 512 ** 3);
    expect(flopsOf(named('conv weight'), 'op')).toBe(2 * 8 * 56 * 56 * 9 * 64 * 64);
    const first = 2 * 128 * 26 * 26 * 9 * 32;
    const rest = 2 * 128 * (24 * 24 * 9 * 32 * 64 + 9216 * 128 + 128 * 10);
    expect(flopsOf(named('W4'), 'predict')).toBe(first + rest);
    expect(flopsOf(named('W4'), 'train')).toBe(2 * first + 3 * rest);
  });

  it('is found by the start of its name', () => {
    expect(rowsNamed(undefined)).toBe(allRows);
    expect(rowsNamed(['W4', 'conv']).map(({ workload, phase }) => `${workload.name} ${phase}`)).toEqual([
      ...['W4 mnist-cnn train', 'W4 mnist-cnn predict'],
      ...['conv forward op', 'conv input op', 'conv weight op'],
    ]);
    expect(rowsNamed(['gemm'])).toHaveLength(12);
    expect(() => rowsNamed(['W6'])).toThrow('--only: no row starts with "W6"');
  });
});
