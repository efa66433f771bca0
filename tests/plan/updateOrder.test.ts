import { expect, it } from 'vitest';
import { layers, losses, sgd, type UpdateOrder } from '../../ts/entrypoints/node.ts';
import { buildArchitecture } from '../../ts/model/architecture.ts';
import { DESCENT_SAMPLES } from '../../ts/ops/densePanels.ts';
import { makePlan } from '../../ts/train/session.ts';

/** The steps of a training step behind the forward pass, as `kernel layer`, without the loss's own name. */
function steps(updateOrder: UpdateOrder, maxBatch: number): { backward: string[]; update: string[] } {
  const architecture = buildArchitecture([
    layers.input({ shape: [4, 4, 2] }),
    layers.conv2d({ name: 'conv', filters: 2, kernelSize: 2, channelMode: 'shared', activation: 'relu' }),
    layers.flatten(),
    layers.dense({ name: 'hidden', units: 3 }),
    layers.dense({ name: 'out', units: 2, activation: 'softmax' }),
  ]);
  const loss = losses.categoricalCrossentropy();
  const plan = makePlan(architecture, 'train', maxBatch, { optimizer: sgd(), loss, metrics: [], updateOrder });
  const names = (list: typeof plan.update): string[] =>
    list.map(({ kernel, layer }) => (layer === loss.name ? 'loss' : `${kernel} ${layer}`));
  return { backward: names(plan.backward), update: names(plan.update) };
}

const LARGE = DESCENT_SAMPLES + 1;

it('sequential costs what joint costs: the same steps in another order', () => {
  for (const maxBatch of [1, LARGE]) {
    const [joint, sequential] = [steps('joint', maxBatch), steps('sequential', maxBatch)];
    expect([...sequential.backward, ...sequential.update].sort()).toEqual([...joint.backward, ...joint.update].sort());
  }
  expect(steps('sequential', LARGE)).toEqual({
    backward: [
      'loss',
      'densePanelsBackwardWeight out',
      'sgdUpdate out',
      'densePanelsBackwardInput out',
      'densePanelsBackwardWeight hidden',
      'sgdUpdate hidden',
      'densePanelsBackwardInput hidden',
      'activationBackwardBias conv',
      'conv2dBackwardWeight conv',
      'sgdUpdate conv',
    ],
    update: [],
  });
});

it('gaussSeidel runs again what an update outdated, and carries deltas down only as far as they are needed', () => {
  expect(steps('gaussSeidel', LARGE)).toEqual({
    backward: [
      'loss',
      'densePanelsBackwardWeight out',
      'sgdUpdate out',
      'densePanelsForward out',
      'loss',
      'densePanelsBackwardInput out',
      'densePanelsBackwardWeight hidden',
      'sgdUpdate hidden',
      'densePanelsForward hidden',
      'densePanelsForward out',
      'loss',
      'densePanelsBackwardInput out',
      'densePanelsBackwardInput hidden',
      'activationBackwardBias conv',
      'conv2dBackwardWeight conv',
    ],
    update: ['sgdUpdate conv'],
  });
});

it('block repeats the output layer alone', () => {
  const inner = ['loss', 'densePanelsDescend out', 'densePanelsForward out'];
  expect(steps({ block: 2 }, 1)).toEqual({
    backward: [
      ...inner,
      ...inner,
      'loss',
      'densePanelsBackwardInput out',
      'densePanelsBackwardInput hidden',
      'densePanelsDescend hidden',
      'activationBackwardBias conv',
      'conv2dBackwardWeight conv',
    ],
    update: ['sgdUpdate conv'],
  });
});

it('block of many updates is no larger than one of few, but for the list of its steps', () => {
  const plans = [1, 500].map((block) => {
    const architecture = buildArchitecture([
      layers.input({ shape: [4] }),
      layers.dense({ name: 'hidden', units: 3 }),
      layers.dense({ name: 'out', units: 2 }),
    ]);
    const options = { optimizer: sgd(), loss: losses.halfSquaredError(), metrics: [], updateOrder: { block } };
    return makePlan(architecture, 'train', LARGE, options);
  });
  expect(plans[1]!.buffers).toHaveLength(plans[0]!.buffers.length);
  expect(plans[1]!.blockBytes).toEqual(plans[0]!.blockBytes);
});
