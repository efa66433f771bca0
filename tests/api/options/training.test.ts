import { describe, expect, it } from 'vitest';
import {
  layers,
  losses,
  OptionError,
  sequential,
  sgd,
  ShapeError,
  StateError,
  type CompileModelOptions,
  type Layer,
  type Sequential,
} from '../../../ts/entrypoints/node.ts';
import { smallData, smallModel } from '../../support/models.ts';

const input = (...shape: number[]): Layer => layers.input({ shape });

describe('compile', () => {
  const plain = (...last: Layer[]): Sequential => sequential([input(4), ...last]);
  const linear = (): Sequential => plain(layers.dense({ name: 'out', units: 3 }));
  const softmax = (): Sequential => plain(layers.dense({ name: 'out', units: 3, activation: 'softmax' }));
  const good = { optimizer: 'sgd', loss: 'halfSquaredError' } as const;

  it.each<[string, () => Sequential, unknown, typeof OptionError | typeof ShapeError, string]>([
    [
      'an unknown option',
      linear,
      { ...good, lossWeights: 1 },
      OptionError,
      'compile: unknown option lossWeights; known: optimizer, loss, metrics',
    ],
    ['no options', linear, undefined, OptionError, 'compile: expected an options object, got undefined'],
    [
      'no optimizer',
      linear,
      { loss: 'halfSquaredError' },
      OptionError,
      'compile: optimizer must be one of sgd, adam, adamw or made by them, got undefined',
    ],
    ['an unknown optimizer', linear, { ...good, optimizer: 'adamax' }, OptionError, 'or made by them, got "adamax"'],
    [
      'an unknown loss',
      linear,
      { ...good, loss: 'toString' },
      OptionError,
      'compile: loss must be one of halfSquaredError, categoricalCrossentropy, sparseCategoricalCrossentropy, got "toString"',
    ],
    [
      'an unknown metric',
      linear,
      { ...good, metrics: ['auc'] },
      OptionError,
      'compile: metrics must be one of "accuracy", "acc", got "auc"',
    ],
    [
      'metrics that are no list',
      linear,
      { ...good, metrics: 'accuracy' },
      OptionError,
      'compile: metrics must be a list, got "accuracy"',
    ],
    [
      'a rate of no layer',
      linear,
      { ...good, optimizer: sgd({ perLayer: { head: 1 } }) },
      OptionError,
      'sgd: perLayer names layer "head"; layers with weights: out',
    ],
    [
      'a cross entropy without softmax',
      linear,
      { ...good, loss: 'categoricalCrossentropy' },
      OptionError,
      'categoricalCrossentropy: the last layer does not end in softmax; give it activation "softmax" or the loss fromLogits: true',
    ],
    [
      'logits after softmax',
      softmax,
      { ...good, loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) },
      OptionError,
      'sparseCategoricalCrossentropy: fromLogits is true, but layer "out" ends in softmax already; drop one of the two',
    ],
    [
      'a cross entropy over pictures',
      () => sequential([input(2, 2, 3), layers.activation({ activation: 'softmax' })]),
      { ...good, loss: 'categoricalCrossentropy' },
      ShapeError,
      "categoricalCrossentropy: expected the model's output to be [N, classes], got [N, 2, 2, 3]; add flatten() or dense()",
    ],
  ])('refuses %s', (_, make, given, type, message) => {
    const model = make();
    const options = given as CompileModelOptions;
    expect(() => model.compile(options)).toThrow(type);
    expect(() => model.compile(options)).toThrow(message);
    expect(() => model.optimizer).toThrow(new StateError('optimizer: call compile({ optimizer, loss }) first'));
  });

  it.each<[string, () => unknown, string]>([
    ['a rate', () => sgd({ learningRate: -1 }), 'sgd: learningRate must be a number in [0, Infinity], got -1'],
    [
      'a rate that is no number',
      () => sgd({ learningRate: Number.NaN }),
      'sgd: learningRate must be a number in [0, Infinity], got NaN',
    ],
    [
      'a rate per layer',
      () => sgd({ perLayer: { a: '1' as never } }),
      'sgd: perLayer.a must be a number in [0, Infinity], got "1"',
    ],
    [
      'rates that are no object',
      () => sgd({ perLayer: 1 as never }),
      'sgd: perLayer must be an object of rates by layer, got 1',
    ],
    [
      'an option of sgd',
      () => sgd({ dampening: 0.9 } as never),
      'sgd: unknown option dampening; known: learningRate, momentum, nesterov, weightDecay, perLayer',
    ],
    [
      'an option of a loss',
      () => losses.categoricalCrossentropy({ reduction: 'sum' } as never),
      'categoricalCrossentropy: unknown option reduction; known: fromLogits',
    ],
    [
      'fromLogits',
      () => losses.categoricalCrossentropy({ fromLogits: 'yes' as never }),
      'categoricalCrossentropy: fromLogits must be true or false, got "yes"',
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(new OptionError(message));
  });

  it('is missed with a sentence', async () => {
    const model = linear();
    const [x, y] = [[[1, 2, 3, 4]], [[1, 2, 3]]];
    const message = (method: string): StateError =>
      new StateError(`${method}: call compile({ optimizer, loss }) first`);
    await expect(model.fit(x, y)).rejects.toThrow(message('fit'));
    await expect(model.evaluate(x, y)).rejects.toThrow(message('evaluate'));
    expect(() => model.trainOnBatch(x, y)).toThrow(message('trainOnBatch'));
    expect(() => model.computeGradients(x, y)).toThrow(message('computeGradients'));
    expect(() => model.applyGradients()).toThrow(message('applyGradients'));
    expect(() => model.inspect({ x, y })).toThrow(message('inspect'));
    expect(() => model.views(() => 0, { batchSize: 1 })).toThrow(message('views'));
    expect(() => model.trainOnStagedBatch(1)).toThrow(message('trainOnStagedBatch'));
  });
});

describe('fit', () => {
  it.each<[unknown, string]>([
    [{ epoch: 3 }, 'fit: unknown option epoch; known: epochs, batchSize'],
    [{ epochs: 0 }, 'fit: epochs must be an integer >= 1, got 0'],
    [{ batchSize: 2.5 }, 'fit: batchSize must be an integer >= 1, got 2.5'],
    [{ shuffle: 'batch' }, 'fit: shuffle must be true or false, got "batch"'],
    [{ seed: -3 }, 'fit: seed must be an integer >= 0, got -3'],
    [{ seed: 2 ** 40 }, 'fit: seed must be below 2^32, got 1099511627776'],
    [{ verbose: true }, 'fit: verbose must be 0, 1 or 2, got true'],
    [{ yieldEvery: Number.NaN }, 'fit: yieldEvery must be a number in [0, Infinity], got NaN'],
    [{ stopOnNonFiniteLoss: 0 }, 'fit: stopOnNonFiniteLoss must be true or false, got 0'],
    [{ validationData: 'half' }, 'fit: validationData must be [x, y] or a dataset, got "half"'],
    [{ validationData: [[[1]]] }, 'fit: validationData must be [x, y] or a dataset, got Array'],
    [{ validationSplit: 0.5, validationData: [[], []] }, 'fit: validationSplit and validationData exclude each other'],
    ['quickly', 'fit: expected an options object, got "quickly"'],
  ])('refuses %j', async (options, message) => {
    const { x, y } = smallData(4);
    // Nothing of this needs an engine: it is found before memory is taken.
    const fitting = smallModel().fit(x, y, options as object);
    await expect(fitting).rejects.toThrow(OptionError);
    await expect(fitting).rejects.toThrow(message);
  });
});

describe('errors', () => {
  it('have the names of their classes', () => {
    for (const Class of [OptionError, ShapeError, StateError]) {
      expect(new Class('x')).toMatchObject({ name: Class.name, message: 'x' });
      expect(new Class('x')).toBeInstanceOf(Error);
    }
  });
});
