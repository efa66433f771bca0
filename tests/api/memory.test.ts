import { beforeAll, describe, expect, it } from 'vitest';
import {
  createEngine,
  init,
  layers,
  losses,
  sequential,
  type Engine,
  type Layer,
  type OptimizerName,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { randomArray, randomLabels } from '../support/numbers.ts';

beforeAll(async () => {
  await init();
});

const MIB = 1 << 20;

interface Case {
  chain: () => Layer[];
  batchSize: number;
  optimizer: OptimizerName;
}

const conv = (filters: number, kernelSize: number, padding: 'valid' | 'same' = 'valid'): Layer =>
  layers.conv2d({ filters, kernelSize, padding, activation: 'relu' });

const cases: Record<string, Case> = {
  'a large dense layer by plain descent': {
    chain: () => [
      layers.input({ shape: [24, 24, 1] }),
      conv(32, 3),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 2048, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
    batchSize: 100,
    optimizer: 'sgd',
  },
  'two convolutions by Adam': {
    chain: () => [
      layers.input({ shape: [28, 28, 1] }),
      conv(32, 3),
      conv(64, 3),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
    batchSize: 128,
    optimizer: 'adam',
  },
  'six convolutions by Adam': {
    chain: () => [
      layers.input({ shape: [32, 32, 3] }),
      ...[32, 64, 128].flatMap((filters) => [
        conv(filters, 3, 'same'),
        conv(filters, 3, 'same'),
        layers.maxPooling2d(),
      ]),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
    batchSize: 64,
    optimizer: 'adam',
  },
};

function make({ chain, optimizer }: Case, engine?: Engine): Sequential {
  const model = sequential(chain(), engine === undefined ? {} : { engine });
  model.compile({ optimizer, loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
  return model;
}

/** Peak and live bytes that summary() prints. */
function printed(model: Sequential, purpose: string, batchSize: number): { peak: number; live: number } {
  const text = model.summary({ printFn: () => {}, batchSize });
  const line = new RegExp(`^Memory, ${purpose}, batch ${batchSize}: peak (.*) MiB \\(.*; (.*) MiB of it live`, 'm');
  const [, peak, live] = line.exec(text)!.map(Number);
  return { peak: peak! * MIB, live: live! * MIB };
}

describe.each(Object.entries(cases))('%s', (_, { batchSize, ...rest }) => {
  it('the peak is within 1.25 times what lives at one time, plus 1 MiB', () => {
    const model = make({ batchSize, ...rest });
    for (const purpose of ['train', 'predict']) {
      const { peak, live } = printed(model, purpose, batchSize);
      expect(live).toBeGreaterThan(MIB);
      expect(peak).toBeLessThanOrEqual(1.25 * live + MIB);
    }
    model.dispose();
  });

  it('the engine holds what summary() says', async () => {
    const engine = await createEngine();
    const model = make({ batchSize, ...rest }, engine);
    const shape = [batchSize, ...model.inputShape];
    model.trainOnBatch(randomArray(shape, 1), randomLabels(batchSize, 10, 2));
    const { peak } = printed(model, 'train', batchSize);
    // Rounded to 0.01 MiB, and to the granularity of the allocator.
    expect(Math.abs(engine.memory().usedBytes - peak)).toBeLessThan(0.02 * MIB);
    engine.dispose();
  });
});

describe('gradients', () => {
  it('of weights that are updated within the backward pass take no memory', () => {
    const { batchSize, ...rest } = cases['a large dense layer by plain descent']!;
    const model = make({ batchSize, ...rest });
    const text = model.summary({ printFn: () => {}, batchSize });
    // Those of 2,000 biases and of the convolution, of 8 million weights.
    expect(text).toMatch(/^Memory, train, .*\(parameters 30\.\d+, gradients 0\.0\d,/m);
    model.dispose();
  });

  it('take no memory in a model that only predicts', async () => {
    const engine = await createEngine();
    const model = sequential([layers.input({ shape: [512] }), layers.dense({ units: 512 })], { engine });
    model.predictOnBatch(randomArray([1, 512], 1));
    expect(engine.memory().usedBytes).toBeLessThan(1.3 * MIB);
    model.views(({ gradients, parameters }) => expect(gradients.length).toBe(parameters.length));
    expect(engine.memory().usedBytes).toBeGreaterThan(2 * MIB);
    engine.dispose();
  });

  it('of layers in any order are the same, whether or not a step needed their memory', () => {
    const { x, y } = { x: randomArray([4, 6, 6, 2], 1), y: randomLabels(4, 3, 2) };
    const build = (): Sequential => {
      const model = sequential(
        [
          layers.input({ shape: [6, 6, 2] }),
          layers.conv2d({ filters: 3, kernelSize: 3, trainable: false }),
          layers.conv2d({ filters: 5, kernelSize: 2, activation: 'tanh' }),
          layers.flatten(),
          layers.dense({ units: 8, activation: 'relu' }),
          layers.dense({ units: 3 }),
        ],
        { seed: 7 },
      );
      model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
      return model;
    };
    const [steps, mixed] = [build(), build()];
    for (let step = 0; step < 3; step++) {
      steps.trainOnBatch(x, y);
      if (step !== 1) {
        mixed.trainOnBatch(x, y);
        continue;
      }
      mixed.computeGradients(x, y);
      mixed.applyGradients();
    }
    expectSameBits('weights', flat(mixed.getWeights()), flat(steps.getWeights()));
    steps.dispose();
    mixed.dispose();
  });
});
