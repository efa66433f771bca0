import { beforeAll, describe, expect, it } from 'vitest';
import { adam, adamw, init, sgd, type Optimizer } from '../../ts/entrypoints/node.ts';
import { expectSameBits } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { referenceUpdate, type ReferenceOptimizer } from '../support/reference/optimizers.ts';
import { applyGradients, gradientsOf, Shadow, twoLayers, valuesOf } from './support.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const rate = 0.0625;
const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Each optimizer, and what it stands for with every default spelled out. */
const rows: [what: string, make: (options?: { perLayer: Record<string, number> }) => Optimizer, ReferenceOptimizer][] =
  [
    ['sgd', (more) => sgd({ learningRate: rate, ...more }), { name: 'sgd', learningRate: rate }],
    [
      'sgd with decay',
      (more) => sgd({ learningRate: rate, weightDecay: 0.25, ...more }),
      { name: 'sgd', learningRate: rate, weightDecay: 0.25 },
    ],
    [
      'momentum',
      (more) => sgd({ learningRate: rate, momentum: 0.9, ...more }),
      { name: 'sgd', learningRate: rate, momentum: 0.9 },
    ],
    [
      'nesterov with decay',
      (more) => sgd({ learningRate: rate, momentum: 0.9, nesterov: true, weightDecay: 0.25, ...more }),
      { name: 'sgd', learningRate: rate, momentum: 0.9, nesterov: true, weightDecay: 0.25 },
    ],
    [
      'nesterov without momentum',
      (more) => sgd({ learningRate: rate, nesterov: true, ...more }),
      { name: 'sgd', learningRate: rate },
    ],
    ['adam', (more) => adam(more), { name: 'adam', learningRate: 0.001, ...adamDefaults }],
    [
      'adam with every option',
      (more) => adam({ learningRate: rate, beta1: 0.5, beta2: 0.75, epsilon: 0.125, weightDecay: 0.25, ...more }),
      { name: 'adam', learningRate: rate, beta1: 0.5, beta2: 0.75, epsilon: 0.125, weightDecay: 0.25 },
    ],
    [
      'adam without memory',
      (more) => adam({ learningRate: rate, beta1: 0, beta2: 0, ...more }),
      { name: 'adam', learningRate: rate, beta1: 0, beta2: 0, epsilon: 1e-7 },
    ],
    ['adamw', (more) => adamw(more), { name: 'adamw', learningRate: 0.001, ...adamDefaults, weightDecay: 0.004 }],
    [
      'adamw with decay',
      (more) => adamw({ learningRate: rate, weightDecay: 0.5, ...more }),
      { name: 'adamw', learningRate: rate, ...adamDefaults, weightDecay: 0.5 },
    ],
  ];

/** Some ten roundings of numbers below 4 in each step. */
const toleranceAfter = (steps: number): number => steps * 10 * 4 * 2 ** -24;

describe.each(rows)('%s', (_, make, reference) => {
  it('takes the steps of the formula, value by value', () => {
    const model = keep(twoLayers(make()));
    const shadow = new Shadow(model, () => referenceUpdate(reference));
    for (let step = 1; step <= 20; step++) {
      const gradients = gradientsOf(model, step);
      applyGradients(model, gradients);
      shadow.step(gradients);
      shadow.expectSame(`step ${step}`, model, toleranceAfter(step));
    }
  });

  it('takes the rate of the moment: what is kept does not hold it', () => {
    const model = keep(twoLayers(make()));
    const shadow = new Shadow(model, () => referenceUpdate(reference));
    for (let step = 1; step <= 8; step++) {
      const gradients = gradientsOf(model, step);
      const now = rate / step;
      model.optimizer.learningRate = now;
      applyGradients(model, gradients);
      shadow.step(gradients, { first: now, second: now });
      shadow.expectSame(`step ${step}`, model, toleranceAfter(step));
    }
  });

  it('has a rate for each layer', () => {
    const rates = { first: 0.03125 };
    const model = keep(twoLayers(make({ perLayer: rates })));
    const shadow = new Shadow(model, () => referenceUpdate(reference));
    for (let step = 1; step <= 8; step++) {
      const gradients = gradientsOf(model, step);
      applyGradients(model, gradients);
      shadow.step(gradients, rates);
      shadow.expectSame(`step ${step}`, model, toleranceAfter(step));
    }
  });

  it('leaves a layer of rate 0 bit for bit, and takes it up again as if those steps had not been', () => {
    const model = keep(twoLayers(make()));
    const shadow = new Shadow(model, () => referenceUpdate(reference));
    const both = (step: number, rates: Record<string, number>): void => {
      const gradients = gradientsOf(model, step);
      model.optimizer.perLayer = rates;
      applyGradients(model, gradients);
      shadow.step(gradients, rates);
    };
    for (let step = 1; step <= 3; step++) both(step, {});
    const frozen = valuesOf(model).slice(0, 2);
    for (let step = 4; step <= 9; step++) {
      model.optimizer.perLayer = { first: 0 };
      const gradients = gradientsOf(model, step);
      gradients.slice(0, 2).forEach((gradient) => gradient.fill(step % 2 === 0 ? Infinity : NaN));
      applyGradients(model, gradients);
      shadow.step(gradients, { first: 0 });
    }
    frozen.forEach((values, i) => expectSameBits(`weight ${i}`, valuesOf(model)[i]!, values));
    for (let step = 10; step <= 14; step++) both(step, {});
    shadow.expectSame('afterwards', model, toleranceAfter(14));
  });

  it('shows NaN where a gradient is NaN, and nowhere else', () => {
    const model = keep(twoLayers(make()));
    const gradients = gradientsOf(model, 1);
    gradients[2]![14] = NaN;
    applyGradients(model, gradients);
    const values = valuesOf(model);
    expect(values.map((numbers) => numbers.filter(Number.isNaN).length)).toEqual([0, 0, 1, 0]);
    expect(values[2]![14]).toBeNaN();
  });
});

it('gradients of 1e-30 neither vanish nor explode in Adam: epsilon outweighs them', () => {
  const model = keep(twoLayers(adam({ learningRate: 1 })));
  const before = valuesOf(model);
  for (let step = 0; step < 3; step++) applyGradients(model, gradientsOf(model, step, 1e-30));
  // A step is 1e-30 / 1e-7 at most.
  valuesOf(model).forEach((values, i) => expectSameBits(`weight ${i}`, values, before[i]!));
});
