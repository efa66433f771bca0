import { beforeAll, describe, expect, it } from 'vitest';
import {
  adam,
  init,
  layers,
  OptionError,
  sequential,
  sgd,
  type Optimizer,
  type Sequential,
  type UpdateOrder,
} from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { randomArray, randomLabels } from '../support/numbers.ts';
import {
  activation,
  conv2d,
  dense,
  flattenChannelsFirst,
  maxPool2d,
  type Batch,
  type ReferenceLayer,
} from '../support/reference/network.ts';
import { halfSquaredError, softmaxCrossentropy } from '../support/reference/training.ts';
import { stepInOrder } from '../support/reference/updateOrders.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const orders: readonly UpdateOrder[] = ['joint', 'sequential', 'gaussSeidel', { block: 1 }, { block: 3 }];
const STEPS = 6;
const RATE = 0.1;
/** float32 against float64 over the steps; each forgets little of the rounding of those before it. */
const TOLERANCE = 1e-5;

interface Network {
  model: Sequential;
  /** The same in float64, each with the name of the library's layer. */
  chain: [name: string, layer: ReferenceLayer][];
}

/** Convolution, pooling and two dense layers; `end` is the activation of the last. */
function network(end: 'linear' | 'sigmoid' | 'softmax', frozen: readonly string[] = []): Network {
  const trainable = (name: string): { name: string; trainable: boolean } => ({
    name,
    trainable: !frozen.includes(name),
  });
  const model = keep(
    sequential([
      layers.input({ shape: [6, 6, 2] }),
      layers.conv2d({ ...trainable('conv'), filters: 3, kernelSize: 3, activation: 'tanh' }),
      layers.maxPooling2d(),
      layers.flatten({ order: 'channelsFirst' }),
      layers.dense({ ...trainable('hidden'), units: 5, activation: 'sigmoid' }),
      layers.dense({ ...trainable('out'), units: 3, activation: end }),
    ]),
  );
  const weights = model.getWeights().map(({ shape }, index) => randomArray(shape, 40 + index));
  model.setWeights(weights);
  const [kernel, bias, w1, b1, w2, b2] = weights.map(({ data }) => Float64Array.from(data));
  const geometry = { input: [6, 6, 2], kernel: [3, 3], filters: 3, stride: [1, 1], pads: [0, 0, 0, 0] } as const;
  const chain: Network['chain'] = [
    ['conv', conv2d({ ...geometry, turned: false }, kernel!, bias!)],
    ['', activation('tanh')],
    ['', maxPool2d([4, 4, 3], 2)],
    ['', flattenChannelsFirst([2, 2, 3])],
    ['hidden', dense(12, 5, w1!, b1!)],
    ['', activation('sigmoid')],
    ['out', dense(5, 3, w2!, b2!)],
    ...(end === 'sigmoid' ? [['', activation('sigmoid')] as [string, ReferenceLayer]] : []),
  ];
  return { model, chain };
}

function rows({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): Batch {
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, n) =>
    Float64Array.from({ length: size }, (_, i) => data[n * size + i]!),
  );
}

const [x, y] = [randomArray([4, 6, 6, 2], 5), randomArray([4, 3], 6)];

describe.each(orders.map((order) => [JSON.stringify(order), order] as const))('%s', (_, order) => {
  it.each([
    ['all layers', []],
    ['the last layer frozen', ['out']],
    ['the middle frozen', ['hidden']],
    ['one layer left', ['conv', 'hidden']],
  ])('is that of its definition, %s', (_, frozen) => {
    const { model, chain } = network('sigmoid', frozen);
    model.compile({ optimizer: sgd({ learningRate: RATE }), loss: 'halfSquaredError', updateOrder: order });
    const reference = chain.map(([, layer]) => layer);
    const isTrained = (layer: ReferenceLayer): boolean =>
      !chain.some(([name, other]) => other === layer && frozen.includes(name));
    for (let step = 0; step < STEPS; step++) {
      const expected = stepInOrder(order, reference, RATE, rows(x), rows(y), halfSquaredError, isTrained);
      expectClose('loss', [model.trainOnBatch(x, y).loss!], [expected], TOLERANCE);
    }
    compareWeights(model, chain);
  });

  it('goes with the cross entropy, in fit', async () => {
    const { model, chain } = network('softmax');
    model.compile({
      optimizer: sgd({ learningRate: RATE }),
      loss: 'sparseCategoricalCrossentropy',
      updateOrder: order,
    });
    const labels = randomLabels(4, 3, 9);
    const target = Array.from(labels.data, (label) =>
      Float64Array.from({ length: 3 }, (_, k) => (k === label ? 1 : 0)),
    );
    const reference = chain.map(([, layer]) => layer);
    const expected = Array.from({ length: STEPS }, () =>
      stepInOrder(order, reference, RATE, rows(x), target, softmaxCrossentropy),
    );
    const { history } = await model.fit(x, labels, { epochs: STEPS, batchSize: 4, shuffle: false });
    expectClose('losses', history.loss!, expected, TOLERANCE);
    compareWeights(model, chain);
  });

  it('leaves a layer of rate 0 bit for bit', () => {
    const { model } = network('linear');
    const before = model.getWeights();
    const optimizer = sgd({ learningRate: RATE, perLayer: { hidden: 0 } });
    model.compile({ optimizer, loss: 'halfSquaredError', updateOrder: order });
    for (let step = 0; step < 3; step++) model.trainOnBatch(x, y);
    const after = model.getWeights();
    for (const index of [2, 3]) expectSameBits(`weight ${index}`, after[index]!.data, before[index]!.data);
    for (const index of [0, 1, 4, 5]) expect([...after[index]!.data]).not.toEqual([...before[index]!.data]);
  });
});

function compareWeights(model: Sequential, chain: Network['chain']): void {
  const expected = chain.flatMap(([, { weights }]) => Object.values(weights));
  model.getWeights().forEach(({ data }, index) => expectClose(`weight ${index}`, data, expected[index]!, TOLERANCE));
}

it('gradients on their own are those of a joint step', () => {
  const [apart, joint] = [keep(smallModel()), keep(smallModel())];
  const options = { optimizer: sgd({ learningRate: RATE }), loss: 'sparseCategoricalCrossentropy' } as const;
  apart.compile({ ...options, updateOrder: 'gaussSeidel' });
  joint.compile(options);
  const batch = smallData(4);
  apart.computeGradients(batch.x, batch.y);
  apart.applyGradients();
  joint.trainOnBatch(batch.x, batch.y);
  const expected = joint.getWeights();
  apart.getWeights().forEach(({ data }, index) => expectSameBits(`weight ${index}`, data, expected[index]!.data));
});

it.each([
  ['adam', adam(), 'sequential', 'updateOrder "sequential" goes with sgd without momentum and weightDecay, got adam'],
  ['momentum', sgd({ momentum: 0.9 }), 'gaussSeidel', 'got sgd with one of them'],
  ['weight decay', sgd({ weightDecay: 0.1 }), { block: 2 }, 'updateOrder {"block":2} goes with sgd without'],
  ['another word', sgd(), 'jacobi', 'updateOrder must be "joint", "sequential", "gaussSeidel" or { block: updates }'],
  ['no updates', sgd(), { block: 0 }, 'updateOrder.block must be an integer >= 1, got 0'],
  ['another field', sgd(), { blocks: 2 }, 'updateOrder: unknown option blocks'],
] as [string, Optimizer, UpdateOrder, string][])('compile refuses %s', (_, optimizer, updateOrder, message) => {
  const compile = (): void => keep(smallModel()).compile({ optimizer, loss: 'categoricalCrossentropy', updateOrder });
  expect(compile).toThrow(OptionError);
  expect(compile).toThrow(`compile: ${message}`.replace('compile: got', 'got'));
});
