import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, init, layers, losses, sequential, sgd, type Optimizer } from '../../ts/entrypoints/node.ts';
import { DESCENT_SAMPLES } from '../../ts/ops/densePanels.ts';
import { makePlan } from '../../ts/train/session.ts';
import { buildArchitecture } from '../../ts/model/architecture.ts';
import { expectSameBits } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** Kernels of a training plan's backward pass and update. */
function kernels(optimizer: Optimizer, maxBatch: number, trainable = true): { backward: string[]; update: string[] } {
  const architecture = buildArchitecture([
    layers.input({ shape: [4] }),
    layers.dense({ name: 'first', units: 3 }),
    layers.dense({ name: 'second', units: 2, trainable }),
  ]);
  const { backward, update } = makePlan(architecture, 'train', maxBatch, {
    optimizer,
    loss: losses.halfSquaredError(),
    metrics: [],
  });
  const names = (steps: typeof update): string[] => steps.map(({ kernel, layer }) => `${kernel} ${layer}`);
  return { backward: names(backward), update: names(update) };
}

describe('descent within the backward pass', () => {
  it('replaces gradient and update where plain descent follows, after the gradient of the input', () => {
    expect(kernels(sgd(), DESCENT_SAMPLES)).toEqual({
      backward: [
        'halfSquaredErrorBackward halfSquaredError',
        'densePanelsBackwardInput second',
        'densePanelsDescend second',
        'densePanelsDescend first',
      ],
      update: [],
    });
  });

  it.each([
    ['momentum', sgd({ momentum: 0.9 }), 8, 'sgdMomentumUpdate'],
    ['weight decay', sgd({ weightDecay: 0.1 }), 8, 'sgdUpdate'],
    ['a batch that is too large', sgd(), DESCENT_SAMPLES + 1, 'sgdUpdate'],
  ] as const)('not with %s', (_, optimizer, maxBatch, update) => {
    const plan = kernels(optimizer, maxBatch);
    expect(plan.update).toEqual([`${update} first`, `${update} second`]);
    expect(plan.backward.join()).not.toContain('Descend');
  });

  it('leaves frozen layers alone', () => {
    const plan = kernels(sgd(), 8, false);
    expect(plan.backward.at(-1)).toBe('densePanelsDescend first');
    expect([...plan.backward, ...plan.update].join()).not.toMatch(/(Descend|Update|BackwardWeight) second/);
  });

  it('gives the bits of gradients and update one after the other', () => {
    const [fused, apart] = [keep(smallModel()), keep(smallModel())];
    for (let step = 0; step < 3; step++) {
      const { x, y } = smallData(5, step);
      fused.trainOnBatch(x, y);
      apart.computeGradients(x, y);
      apart.applyGradients();
    }
    const expected = apart.getWeights();
    fused.getWeights().forEach(({ data }, i) => expectSameBits(`weight ${i}`, data, expected[i]!.data));
  });

  it('takes the samples that its kernel takes', async () => {
    const engine = await createEngine();
    expect(engine.run((each) => each.dense_panels_descend_samples())).toBe(DESCENT_SAMPLES);
    engine.dispose();
  });

  it('needs no bias', () => {
    const model = keep(
      sequential([layers.input({ shape: [2] }), layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' })]),
    );
    model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: 'halfSquaredError' });
    model.trainOnBatch([[1, 2]], [[1]]);
    // The output is 3, its gradient 2: 1 - 0.5 * 2 * x.
    expect([...model.getWeights()[0]!.data]).toEqual([0, -1]);
  });
});
