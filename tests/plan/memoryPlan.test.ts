import { describe, expect, it } from 'vitest';
import { layers, losses, sgd, type Layer } from '../../ts/entrypoints/node.ts';
import { buildArchitecture } from '../../ts/model/architecture.ts';
import { compilePlan } from '../../ts/plan/compile.ts';
import { ALIGNMENT, layOutMemory, type Lifetime } from '../../ts/plan/memoryPlan.ts';
import type { Plan } from '../../ts/plan/plan.ts';
import { makePlan } from '../../ts/train/session.ts';
import { residualGraph } from '../support/graphs.ts';
import { Numbers } from '../support/numbers.ts';
import { expectNothingClobbered, liveBytes } from '../support/planMemory.ts';

const MEBIBYTE = 1048576;

const conv = (filters: number, kernelSize: number): Layer =>
  layers.conv2d({ filters, kernelSize, padding: 'same', activation: 'relu' });

const nets: Record<string, Layer[]> = {
  'three layers of the paper': [
    layers.input({ shape: [24, 24, 1] }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ rounding: 'ceil', padValue: 'zero' }),
    layers.flatten({ order: 'channelsFirst' }),
    layers.dense({ units: 2048, activation: 'relu' }),
    layers.dense({ units: 10 }),
  ],
  'two blocks of convolutions': [
    layers.input({ shape: [28, 28, 3] }),
    ...[conv(16, 3), conv(16, 3), layers.maxPooling2d(), conv(32, 5), layers.activation({ activation: 'tanh' })],
    ...[conv(32, 3), layers.maxPooling2d(), layers.flatten(), layers.dense({ units: 100, activation: 'sigmoid' })],
    layers.dense({ units: 10 }),
  ],
  'thirty dense layers of changing width': [
    layers.input({ shape: [300] }),
    ...Array.from({ length: 30 }, (_, i) => layers.dense({ units: ((i * 137) % 500) + 1, activation: 'relu' })),
  ],
  'dense straight from the input': [layers.input({ shape: [5] }), layers.dense({ units: 1 })],
};

/** Every plan the library makes of these nets. */
function plansOf(chain: Layer[]): Record<string, Plan> {
  const architecture = buildArchitecture(chain);
  const compiled = { loss: losses.halfSquaredError(), optimizer: sgd(), metrics: [] };
  const plan = (purpose: 'train' | 'evaluate' | 'predict', samples: number): Plan =>
    makePlan(architecture, purpose, samples, compiled);
  return {
    'training, 1': plan('train', 1),
    'training, 100': plan('train', 100),
    'evaluating, 32': plan('evaluate', 32),
    'predicting, 32': plan('predict', 32),
  };
}

const graph = residualGraph();
const residual = { maxBatch: 50, loss: losses.halfSquaredError().lower(graph), backward: true, inputGradients: true };
const cases: { title: string; plan: Plan; keptAll?: boolean }[] = [
  ...Object.entries(nets).flatMap(([net, chain]) =>
    Object.entries(plansOf(chain)).map(([what, plan]) => ({ title: `${net}: ${what}`, plan })),
  ),
  { title: 'residual graph', plan: compilePlan(graph, residual) },
  { title: 'residual graph, everything kept', plan: compilePlan(graph, { ...residual, keepAll: true }), keptAll: true },
];

describe.each(cases)('$title', ({ plan, keptAll = false }) => {
  it('no step reads what another one has overwritten', () => expectNothingClobbered(plan));

  it('needs at most 1.25 times what lives at one time and a mebibyte', () => {
    const live = keptAll ? plan.blockBytes.work : liveBytes(plan);
    expect(live).toBeGreaterThan(0);
    expect(plan.blockBytes.work).toBeLessThanOrEqual(1.25 * live + MEBIBYTE);
    expect(plan.liveBytes).toBeGreaterThanOrEqual(live);
  });

  it('offsets are aligned and inside their block', () => {
    for (const { name, block, byteOffset, byteLength } of plan.buffers) {
      expect(byteOffset % ALIGNMENT, name).toBe(0);
      expect(byteOffset + byteLength, name).toBeLessThanOrEqual(plan.blockBytes[block]);
    }
  });
});

describe('layOutMemory', () => {
  const overlap = (a: number, aLength: number, b: number, bLength: number): boolean =>
    a < b + bLength && b < a + aLength;

  it('keeps apart what lives at the same time, for random lifetimes', () => {
    const numbers = new Numbers(3);
    for (let round = 0; round < 50; round++) {
      const lifetimes: Lifetime[] = Array.from({ length: numbers.integer(40) + 1 }, () => {
        const first = numbers.integer(60);
        return { byteLength: numbers.integer(2) * numbers.integer(100_000), first, last: first + numbers.integer(20) };
      });
      const { byteOffsets, byteLength } = layOutMemory(lifetimes);
      lifetimes.forEach((a, i) => {
        expect(byteOffsets[i]! + a.byteLength).toBeLessThanOrEqual(byteLength);
        lifetimes.forEach((b, j) => {
          if (i === j || b.last < a.first || a.last < b.first) return;
          expect(overlap(byteOffsets[i]!, a.byteLength, byteOffsets[j]!, b.byteLength), `${round}: ${i}, ${j}`).toBe(
            false,
          );
        });
      });
    }
  });

  it('reuses what is free, and needs nothing for nothing', () => {
    const chain = [0, 1, 2, 3].map((first) => ({ byteLength: 640, first, last: first + 1 }));
    expect(layOutMemory(chain)).toMatchObject({ byteLength: 1280, liveBytes: 1280 });
    expect(layOutMemory([])).toEqual({ byteOffsets: [], byteLength: 0, liveBytes: 0 });
  });
});
