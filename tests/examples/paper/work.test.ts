import { describe, expect, it } from 'vitest';
import { costsOf, inJointSteps, pass, workOfStep, type Passes } from '../../../examples/paper/experiment/work.ts';
import { smallNetwork } from '../../../examples/paper/problems/synthetic.ts';
import { seedThreeLayer } from '../../../ts/entrypoints/presets.ts';
import { layers, losses, sgd, type UpdateOrder } from '../../../ts/entrypoints/node.ts';
import { buildArchitecture } from '../../../ts/model/architecture.ts';
import { makePlan } from '../../../ts/train/session.ts';

const orders: readonly UpdateOrder[] = ['joint', 'sequential', 'gaussSeidel', { block: 1 }, { block: 4 }];

/** Which pass through a layer with weights a kernel is. */
const kinds: readonly (readonly [RegExp, keyof Passes])[] = [
  [/^(conv2d|dense)\w*Forward$/, 'forward'],
  [/^(conv2d|dense)\w*BackwardInput$/, 'input'],
  [/^(conv2d|dense)\w*(BackwardWeight|Descend)$/, 'weight'],
];

describe.each(orders.map((order) => [JSON.stringify(order), order] as const))('%s', (_, updateOrder) => {
  it.each([1, 60])('costs the passes that the engine plans for %i samples', (samples) => {
    const chain = buildArchitecture([
      layers.input({ shape: [10, 10, 1] }),
      layers.conv2d({ name: 'conv1', filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d(),
      layers.flatten({ order: 'channelsFirst' }),
      layers.dense({ name: 'fc1', units: 16, activation: 'tanh' }),
      layers.dense({ name: 'fc2', units: 8, activation: 'tanh' }),
      layers.dense({ name: 'out', units: 3 }),
    ]);
    const compiled = { loss: losses.halfSquaredError(), optimizer: sgd(), metrics: [], updateOrder };
    const plan = makePlan(chain, 'train', samples, compiled);
    const steps = [...plan.forward, ...plan.backward, ...plan.update];
    const planned = ['conv1', 'fc1', 'fc2', 'out'].map((layer) => {
      const kernels = steps.filter((step) => step.layer === layer).map(({ kernel }) => kernel);
      const counts = kinds.map(([name, kind]) => [kind, kernels.filter((kernel) => name.test(kernel)).length] as const);
      return Object.fromEntries(counts);
    });
    expect(planned).toEqual(workOfStep(updateOrder, 4));
  });
});

describe('in joint steps', () => {
  const paper = costsOf(seedThreeLayer().layers);
  const small = costsOf(smallNetwork({ seed: 1 }).layers);

  it("has the products of the paper's network", () => {
    expect(paper).toEqual({ layers: ['conv1', 'fc1', 'out'], products: [278_784, 15_859_712, 40_960] });
  });

  it.each([
    ['joint', 1],
    ['sequential', 1],
    ['gaussSeidel', 1.33],
  ] as const)('%s', (order, cost) => {
    expect(inJointSteps(workOfStep(order, 3), paper)).toBeCloseTo(cost, 2);
  });

  it('an update of the output layer alone is 1/589 of one, and 1/82 in the small network', () => {
    const update = pass(3, [2], [2]);
    expect(1 / inJointSteps(update, paper)).toBeCloseTo(589, 0);
    expect(1 / inJointSteps(update, small)).toBeCloseTo(81.5, 1);
    const more = inJointSteps(workOfStep({ block: 21 }, 3), paper) - inJointSteps(workOfStep({ block: 1 }, 3), paper);
    expect(589 * more).toBeCloseTo(20, 1);
  });
});
