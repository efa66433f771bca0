import { beforeAll, describe, expect, it } from 'vitest';
import {
  adam,
  adamw,
  createEngine,
  init,
  layers,
  loadModel,
  losses,
  sequential,
  sgd,
  StateError,
  type CompileModelOptions,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { randomArray, randomLabels } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const SHAPE = [6, 6, 2];

/** Layers with every way of keeping weights: panels of a dense kernel, channels in turn, one that is frozen, no bias. */
function network(seed = 5): Sequential {
  return keep(
    sequential(
      [
        layers.input({ shape: SHAPE }),
        layers.conv2d({ name: 'first', filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.conv2d({ name: 'each', filters: 4, kernelSize: 3, channelMode: 'shared', useBias: false }),
        layers.flatten(),
        layers.dense({ name: 'frozen', units: 9, activation: 'tanh', trainable: false }),
        layers.dense({ name: 'out', units: 5, activation: 'softmax' }),
      ],
      { seed, name: 'saved' },
    ),
  );
}

function steps(model: Sequential, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => {
    const x = randomArray([7, ...SHAPE], 100 + from + i);
    return model.trainOnBatch(x, randomLabels(7, 5, 200 + from + i)).loss!;
  });
}

const compilations: [string, () => CompileModelOptions][] = (
  [
    ['sgd', () => ({ optimizer: sgd({ learningRate: 0.05 }) })],
    ['sgd with a decay', () => ({ optimizer: sgd({ learningRate: 0.05, weightDecay: 0.01 }) })],
    ['momentum', () => ({ optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }) })],
    ['Nesterov', () => ({ optimizer: sgd({ learningRate: 0.05, momentum: 0.8, nesterov: true }), winograd: 'f2' })],
    ['Adam', () => ({ optimizer: adam({ learningRate: 0.02, beta1: 0.8, epsilon: 1e-6, perLayer: { out: 0.01 } }) })],
    ['AdamW', () => ({ optimizer: adamw({ learningRate: 0.02 }), winograd: false, metrics: ['accuracy'] })],
    ['sequential updates', () => ({ optimizer: 'sgd', updateOrder: 'sequential' })],
    ['Gauss-Seidel', () => ({ optimizer: 'sgd', updateOrder: 'gaussSeidel' })],
    ['blocks', () => ({ optimizer: 'sgd', updateOrder: { block: 2 } })],
  ] as [string, () => Omit<CompileModelOptions, 'loss'>][]
).map(([name, make]) => [name, () => ({ loss: losses.sparseCategoricalCrossentropy(), ...make() })]);

describe.each(compilations)('a model with %s, saved and loaded', (_, make) => {
  it('goes on as the one that was saved, and is saved as the same bytes', async () => {
    const model = network();
    model.compile(make());
    steps(model, 0, 4);
    const bytes = await model.save();
    const loaded = keep(await loadModel(bytes));
    expect(loaded.toJSON()).toEqual(model.toJSON());
    expect(await loaded.save()).toEqual(bytes);
    expectSameBits('weights', flat(loaded.getWeights()), flat(model.getWeights()));
    expectSameBits('losses', steps(loaded, 4, 8), steps(model, 4, 8));
    expectSameBits('weights after more steps', flat(loaded.getWeights()), flat(model.getWeights()));
  });
});

it('rates are saved as they are, not as they were given to compile', async () => {
  const model = network();
  model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: 'sparseCategoricalCrossentropy' });
  model.optimizer.learningRate = 0.1;
  model.optimizer.perLayer = { out: 0.3 };
  const loaded = keep(await loadModel(await model.save('blob')));
  expect([loaded.optimizer.learningRate, loaded.optimizer.perLayer]).toEqual([0.1, { out: 0.3 }]);
});

it('a model that was never compiled is saved too', async () => {
  const model = network();
  const bytes = await model.save('bytes');
  const loaded = keep(await loadModel(bytes.buffer as ArrayBuffer));
  expectSameBits('weights', flat(loaded.getWeights()), flat(model.getWeights()));
  expect(() => loaded.optimizer).toThrow(StateError);
});

it('one that has made no step yet keeps nothing of its optimizer', async () => {
  const model = network();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const loaded = keep(await loadModel(await model.save()));
  expectSameBits('losses', steps(loaded, 0, 3), steps(model, 0, 3));
});

it('it is saved as it was when asked for, whatever happens then', async () => {
  const model = network();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  steps(model, 0, 2);
  const before = flat(model.getWeights());
  const saving = model.save();
  steps(model, 2, 4);
  expectSameBits('weights', flat(keep(await loadModel(await saving)).getWeights()), before);
});

it('is loaded onto the engine that is given', async () => {
  const engine = keep(await createEngine({ threads: 1 }));
  const model = network();
  await loadModel(await model.save(), { engine });
  expect(engine.memory().allocations).toBeGreaterThan(0);
});

it('a loss that was no number is kept in the history', async () => {
  const model = network();
  model.compile({ optimizer: sgd({ learningRate: 0 }), loss: 'sparseCategoricalCrossentropy' });
  const x = randomArray([4, ...SHAPE], 1);
  x.data.fill(NaN);
  const y = randomLabels(4, 5, 2);
  const options = { batchSize: 4, stopOnNonFiniteLoss: false };
  await model.fit(x, y, { ...options, epochs: 1 });
  const resumed = await model.fit(x, y, { ...options, epochs: 2, resumeFrom: await model.save() });
  expect(resumed.history.loss).toEqual([NaN, NaN]);
});
