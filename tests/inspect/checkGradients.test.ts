import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  checkGradients,
  init,
  layers,
  losses,
  OptionError,
  sequential,
  StateError,
  type Engine,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { seedFiveLayer, seedThreeLayer } from '../../ts/entrypoints/presets.ts';
import { activationKernels } from '../../ts/ops/activation.ts';
import { conv2dKernels } from '../../ts/ops/conv2d.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { randomArray } from '../support/numbers.ts';

let engine: Engine;
beforeAll(async () => void (engine = await init()));
afterEach(() => vi.restoreAllMocks());
const keep = disposeAfterEach();

const rates = { eta: 0.1, alpha: 0.1, beta: 0.1 };
const data = (model: Sequential): [ReturnType<typeof randomArray>, ReturnType<typeof randomArray>] => [
  randomArray([3, ...model.inputShape], 1),
  randomArray([3, ...model.outputShape], 2),
];

const models: [string, () => Sequential][] = [
  ['the three-layer network', () => seedThreeLayer({ inputShape: [7, 6, 2], filters: 3, units: 9, classes: 3, rates })],
  [
    'the five-layer network',
    () =>
      seedFiveLayer({
        filters1: 3,
        filters2: 4,
        units1: 9,
        units2: 5,
        rates,
        activation1: 'tanh',
        activation4: 'sigmoid',
      }),
  ],
  [
    'strides, padding, a layer of an activation, a mean',
    () => {
      const model = sequential([
        layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', inputShape: [7, 7, 2] }),
        layers.activation({ activation: 'sigmoid' }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ]);
      model.compile({ optimizer: 'adam', loss: losses.halfSquaredError({ reduction: 'mean' }) });
      return model;
    },
  ],
];

describe('checkGradients', () => {
  it.each(models)('passes on %s, and changes no weight', (_, make) => {
    const model = keep(make());
    const before = model.getWeights();
    const { usedBytes } = engine.memory();
    const [x, y] = data(model);
    const check = checkGradients(model, x, y);
    expect(check).toMatchObject({ passed: true, step: 1 / 256, tolerance: 0.001 });
    const specs = model.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }) => [`${layer.name}/${name}`, shape.reduce((size, side) => size * side)]),
    );
    const checked = Object.entries(check.tensors).map(([tensor, { checked }]) => [tensor, checked]);
    expect(checked).toEqual([...specs, ['x', x.data.length]]);
    expectSameBits('weights', flat(model.getWeights()), flat(before));
    expect(engine.memory().usedBytes).toBe(usedBytes);
  });

  it('passes with the cross entropy, and leaves frozen weights out', () => {
    const { x, y } = smallData(3);
    const check = checkGradients(keep(smallModel()), x, y);
    expect(check.passed, JSON.stringify(check.worst)).toBe(true);
    const model = keep(
      sequential([
        layers.dense({ name: 'frozen', units: 2, trainable: false, inputShape: [3] }),
        layers.dense({ units: 1 }),
      ]),
    );
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    expect(Object.keys(checkGradients(model, [[1, 2, 3]], [[1]]).tensors)).toEqual(['dense/kernel', 'dense/bias', 'x']);
  });

  it('finds a derivative that is missing, and names the worst entry', () => {
    const kernel = { ...activationKernels.activationBackward };
    vi.spyOn(activationKernels.activationBackward, 'bind').mockImplementation((binding) =>
      kernel.bind({ ...binding, attributes: { ...binding.attributes, activation: 'linear' } }),
    );
    const model = keep(models[1]![1]());
    const check = checkGradients(model, ...data(model));
    expect(check.passed).toBe(false);
    const { tensor, index, analytic, numeric, error, allowed } = check.worst;
    expect(error).toBe(Math.abs(analytic - numeric));
    expect(error).toBeGreaterThan(allowed);
    expect(check.tensors[tensor]!.worst).toBe(check.worst);
    const [layer, weight] = tensor.split('/') as [string, string];
    const { gradients } = model.inspect({ x: data(model)[0], y: data(model)[1] }).layers[layer]!;
    const { data: values, shape } = gradients[weight]!;
    expect(values[index.reduce((at, i, axis) => at * shape[axis]! + i, 0)]).toBe(analytic);
  });

  it('finds a gradient of NaN, and one that is a percent off', () => {
    const kernel = { ...conv2dKernels.conv2dBackwardWeight };
    const model = keep(models[0]![1]());
    for (const change of [(value: number) => value * 1.01, () => NaN]) {
      vi.spyOn(conv2dKernels.conv2dBackwardWeight, 'bind').mockImplementation((binding) => {
        const run = kernel.bind(binding);
        return (samples) => {
          run(samples);
          const gradient = new Float32Array(engine.buffer, binding.address('gradWeight'), 3 * 3 * 2 * 3);
          gradient.set(gradient.map(change));
        };
      });
      const check = checkGradients(model, ...data(model));
      expect(check.passed).toBe(false);
      expect(check.worst.tensor).toBe('conv1/kernel');
      vi.restoreAllMocks();
    }
  });

  it('passes by a kink that lies within the step, and not one that lies at the entry', () => {
    const model = keep(sequential([layers.dense({ units: 1, activation: 'relu', inputShape: [1] })]));
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    const at = (bias: number): Float32Array[] => [Float32Array.of(1), Float32Array.of(bias)];
    const check = (bias: number): boolean => {
      model.setWeights(at(bias).map((values, i) => ({ data: values, shape: i === 0 ? [1, 1] : [1] })));
      return checkGradients(model, [[0]], [[-1]]).passed;
    };
    expect(check(1 / 512)).toBe(true);
    expect(check(1 / 2048)).toBe(true);
    // There the derivative is 0 by definition, and the difference half the slope above.
    expect(check(0)).toBe(false);
  });

  it('checks as many entries as it is told, drawn by a seed', () => {
    const model = keep(models[0]![1]());
    const [x, y] = data(model);
    const { tensors } = checkGradients(model, x, y, { entries: 4 });
    expect(Object.values(tensors).map(({ checked }) => checked)).toEqual([4, 3, 4, 4, 4, 3, 4]);
    expect(checkGradients(model, x, y, { entries: 4 }).tensors).toEqual(tensors);
    expect(checkGradients(model, x, y, { entries: 4, seed: 1 }).tensors).not.toEqual(tensors);
  });

  it.each([
    [{ step: 0 }, 'checkGradients: step must be a number in'],
    [{ tolerance: -1 }, 'checkGradients: tolerance must be'],
    [{ entries: 0 }, 'checkGradients: entries must be an integer >= 1, got 0'],
    [{ eps: 1 }, 'checkGradients: unknown option eps'],
  ])('refuses %j', (options: object, message) => {
    const model = keep(models[0]![1]());
    const check = (): unknown => checkGradients(model, ...data(model), options);
    expect(check).toThrow(OptionError);
    expect(check).toThrow(message);
  });

  it('needs a compiled model', () => {
    const model = keep(sequential([layers.dense({ units: 1, inputShape: [1] })]));
    expect(() => checkGradients(model, [[1]], [[1]])).toThrow(StateError);
  });
});
