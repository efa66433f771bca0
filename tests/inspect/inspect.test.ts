import { beforeAll, describe, expect, it } from 'vitest';
import { init, layers, losses, sequential, type Sequential } from '../../ts/entrypoints/node.ts';
import { expectClose, expectSameBits, expectTensorClose, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel, stored } from '../support/models.ts';
import { distinctArray, randomArray, randomLabels } from '../support/numbers.ts';
import { activation, conv2d, dense, flattenChannelsFirst, maxPool2d } from '../support/reference/network.ts';
import { halfSquaredError } from '../support/reference/training.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** float32 against float64: 2^-24 for each rounding, sums of at most some hundred products. */
const TOLERANCE = 2e-6;

/** A net with a value of every kind, weights given. */
function convolutional(): { model: Sequential; weights: Float32Array[] } {
  const model = keep(
    sequential([
      layers.input({ shape: [5, 4, 2] }),
      layers.conv2d({ name: 'conv', filters: 3, kernelSize: 2, kernelMode: 'convolution', activation: 'tanh' }),
      layers.maxPooling2d({ name: 'pool' }),
      layers.flatten({ name: 'flat', order: 'channelsFirst' }),
      layers.dense({ name: 'hidden', units: 5 }),
      layers.activation({ name: 'sigmoid', activation: 'sigmoid' }),
      layers.dense({ name: 'out', units: 2 }),
    ]),
  );
  const weights = model.getWeights().map(({ shape }, i) => randomArray(shape, 60 + i));
  model.setWeights(weights);
  model.compile({ optimizer: 'sgd', loss: losses.halfSquaredError() });
  return { model, weights: weights.map(({ data }) => data) };
}

const x = distinctArray([3, 5, 4, 2], 9, 1 / 64);
const y = randomArray([3, 2], 10);

describe('inspect', () => {
  it('returns every a, z, t, delta, gradient and dE/dx of the formulas', () => {
    const { model, weights } = convolutional();
    const [kernel, bias, w1, b1, w2, b2] = weights.map((values) => Float64Array.from(values));
    const geometry = { input: [5, 4, 2], kernel: [2, 2], filters: 3, stride: [1, 1], pads: [0, 0, 0, 0] } as const;
    const chain = [
      { values: ['conv/a'], layer: conv2d({ ...geometry, turned: true }, kernel!, bias!) },
      { values: ['conv/z'], layer: activation('tanh') },
      { values: ['pool/t'], layer: maxPool2d([4, 3, 3], 2) },
      { values: ['flat/t'], layer: flattenChannelsFirst([2, 1, 3]) },
      { values: ['hidden/a', 'hidden/z'], layer: dense(6, 5, w1!, b1!) },
      { values: ['sigmoid/z'], layer: activation('sigmoid') },
      { values: ['out/a', 'out/z'], layer: dense(5, 2, w2!, b2!) },
    ];
    const rows = ({ data }: { data: Float32Array }): Float64Array[] =>
      [0, 1, 2].map((n) => Float64Array.from(data.subarray((n * data.length) / 3, ((n + 1) * data.length) / 3)));
    const got = model.inspect({ x, y });
    const layer = (path: string): { [key: string]: { data: Float32Array } | undefined } =>
      got.layers[path.split('/')[0]!] as unknown as Record<string, { data: Float32Array } | undefined>;

    let value = rows(x);
    for (const { values, layer: reference } of chain) {
      value = reference.forward(value);
      for (const name of values)
        expectClose(
          name,
          layer(name)[name.split('/')[1]!]!.data,
          value.flatMap((r) => [...r]),
          TOLERANCE,
        );
    }
    const { loss, gradient } = halfSquaredError(value, rows(y));
    expectClose('loss', [got.loss], [loss], TOLERANCE);
    expectClose(
      'output',
      got.output.data,
      value.flatMap((r) => [...r]),
      TOLERANCE,
    );

    let delta = gradient;
    // Which layer shows the gradient that goes into each reference layer, as what.
    const shown = ['conv delta', 'pool up', 'pool delta', 'flat delta', 'hidden delta', 'sigmoid delta', 'out delta'];
    for (let i = chain.length - 1; i >= 0; i--) {
      const [name, what] = shown[i]!.split(' ') as [string, string];
      expectClose(
        shown[i]!,
        layer(name)[what]!.data,
        delta.flatMap((r) => [...r]),
        TOLERANCE,
      );
      // The delta of a convolution is dE/da: one reference layer further down.
      const reference = chain[i]!.layer;
      delta = reference.backward(delta);
      for (const [weight, expected] of Object.entries(reference.gradients)) {
        expectClose(`${name} ${weight}`, got.layers[name]!.gradients[weight]!.data, expected, TOLERANCE);
      }
    }
    expectTensorClose('dx', got.inputGradient, { data: delta.flatMap((r) => [...r]), shape: [3, 5, 4, 2] }, TOLERANCE);
  });

  it('gives them their shapes, one row per sample', () => {
    const { layers: got, sampleLosses, output, inputGradient } = convolutional().model.inspect({ x, y });
    const shapes = Object.fromEntries(
      Object.entries(got).map(([name, { gradients, ...values }]) => [
        name,
        {
          ...Object.fromEntries(Object.entries(values).map(([key, { shape }]) => [key, shape.join()])),
          gradients: Object.values(gradients).map(({ shape }) => shape.join()),
        },
      ]),
    );
    expect(shapes).toEqual({
      conv: { a: '3,4,3,3', z: '3,4,3,3', delta: '3,4,3,3', gradients: ['2,2,2,3', '3'] },
      pool: { t: '3,2,1,3', positions: '3,2,1,3', delta: '3,2,1,3', up: '3,4,3,3', gradients: [] },
      flat: { t: '3,6', delta: '3,6', gradients: [] },
      hidden: { a: '3,5', z: '3,5', delta: '3,5', gradients: ['6,5', '5'] },
      sigmoid: { z: '3,5', delta: '3,5', gradients: [] },
      out: { a: '3,2', z: '3,2', delta: '3,2', gradients: ['5,2', '2'] },
    });
    expect([sampleLosses.shape, output.shape, inputGradient.shape]).toEqual([[3], [3, 2], [3, 5, 4, 2]]);
    expect(Object.keys(got)).toEqual(['conv', 'pool', 'flat', 'hidden', 'sigmoid', 'out']);
  });

  it('records positions in the unpadded plane, -1 where padding won, and puts deltas back there', () => {
    const model = keep(
      sequential([
        layers.input({ shape: [3, 3, 1] }),
        layers.maxPooling2d({ name: 'pool', rounding: 'ceil', padSide: 'end', padValue: 'zero' }),
      ]),
    );
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    // Windows: [1 5 / 3 2] with its maximum at 1; [-1 / 4]; [-2 -3] and [-9], where the zeros around them win.
    const picture = { data: Float32Array.of(1, 5, -1, 3, 2, 4, -2, -3, -9), shape: [1, 3, 3, 1] };
    const target = { data: Float32Array.of(4, 4, 1, 2), shape: [1, 2, 2, 1] };
    const { pool } = model.inspect({ x: picture, y: target }).layers;
    expect([...pool!.t!.data]).toEqual([5, 4, 0, 0]);
    expect([...pool!.positions!.data]).toEqual([1, 5, -1, -1]);
    expect([...pool!.delta!.data]).toEqual([1, 0, -1, -2]);
    expect([...pool!.up!.data]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('shows the output of a flatten that only gives another shape', () => {
    const model = keep(smallModel());
    const { flatten, pool } = model.inspect(smallData(2)).layers;
    expect(flatten!.t!.shape).toEqual([2, 16]);
    expectSameBits('t', flatten!.t!.data, pool!.t!.data);
    expectSameBits('delta', flatten!.delta!.data, pool!.delta!.data);
  });

  it('takes no step and leaves gradients alone', () => {
    const model = keep(smallModel());
    const data = smallData(4);
    model.computeGradients(smallData(4, 90).x, smallData(4, 90).y);
    const weights = flat(model.getWeights());
    const gradients = model.views((views) => views.gradients.slice());
    const twice = [model.inspect(data), model.inspect(data)];
    expect(twice[1]).toEqual(twice[0]);
    expectSameBits('weights', flat(model.getWeights()), weights);
    expectSameBits(
      'gradients',
      model.views((views) => views.gradients),
      gradients,
    );
  });

  it('agrees to the bit with the fused plan that trains', async () => {
    const model = keep(smallModel());
    const data = smallData(5);
    const got = model.inspect(data);
    expect(got.loss).toBe((await model.evaluate(data.x, data.y)).loss);
    expectSameBits('output', got.output.data, model.predictOnBatch(data.x).data);
    expect(model.computeGradients(data.x, data.y).loss).toBe(got.loss);
    model.views(({ gradients, ranges }) => {
      for (const { layer, weight, offset, length } of ranges) {
        const expected = stored(model, layer, weight, got.layers[layer]!.gradients[weight]!.data);
        expectSameBits(`${layer} ${weight}`, gradients.subarray(offset, offset + length), expected);
      }
    });
  });

  it('mean losses: the mean of the samples, gradients of the mean', () => {
    const model = keep(smallModel());
    const { x: pictures, y: labels } = smallData(4);
    const got = model.inspect({ x: pictures, y: labels });
    expectClose('loss', [got.loss], [got.sampleLosses.data.reduce((sum, part) => sum + part, 0) / 4], 1e-6);
    const first = model.inspect({
      x: { data: pictures.data.slice(0, 36), shape: [1, 6, 6, 1] },
      y: { data: labels.data.slice(0, 1), shape: [1] },
    });
    const quarter = first.layers.out!.delta!.data.map((value) => value / 4);
    expectClose('delta', got.layers.out!.delta!.data.subarray(0, 3), quarter, 1e-6);
  });

  it('takes only x and y', () => {
    const model = keep(smallModel());
    expect(() => model.inspect({ ...smallData(2), z: 1 } as never)).toThrow('inspect: unknown option z; known: x, y');
    expect(() => model.inspect(undefined as never)).toThrow('inspect: expected an options object, got undefined');
  });
});

describe('softmax fused with its loss', () => {
  const classes = 4;
  const pictures = randomArray([6, 3], 5);
  const labels = randomLabels(6, classes, 6);

  function classifier(activation: 'softmax' | 'linear', separate = false): Sequential {
    const last = separate
      ? [layers.dense({ name: 'out', units: classes }), layers.activation({ name: 'last', activation })]
      : [layers.dense({ name: 'out', units: classes, activation })];
    const model = keep(sequential([layers.input({ shape: [3] }), ...last], { seed: 2 }));
    const fromLogits = activation === 'linear';
    model.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy({ fromLogits }) });
    return model;
  }

  it('equals the loss from logits, as an option of a layer or a layer of its own', () => {
    const [fused, logits, separate] = [classifier('softmax'), classifier('linear'), classifier('softmax', true)];
    const [a, b, c] = [fused, logits, separate].map((model) => model.inspect({ x: pictures, y: labels }));
    for (const other of [b!, c!]) {
      expect(other.loss).toBe(a!.loss);
      expectSameBits('a', other.layers.out!.a!.data, a!.layers.out!.a!.data);
      expectSameBits('delta', other.layers.out!.delta!.data, a!.layers.out!.delta!.data);
      expectSameBits('dx', other.inputGradient.data, a!.inputGradient.data);
    }
    expect(c!.layers.last).toEqual({ z: a!.layers.out!.z, gradients: {} });
    for (const model of [fused, logits, separate]) model.trainOnBatch(pictures, labels);
    expectSameBits('weights', flat(logits.getWeights()), flat(fused.getWeights()));
    expectSameBits('weights', flat(separate.getWeights()), flat(fused.getWeights()));
  });

  it('is the loss of the probabilities: -log z, with delta (z - target) / N', () => {
    const { layers: got, sampleLosses } = classifier('softmax').inspect({ x: pictures, y: labels });
    const z = got.out!.z!.data;
    const expected = [...labels.data].map((label, n) => -Math.log(z[n * classes + label]!));
    expectClose('losses', sampleLosses.data, expected, 1e-6);
    const delta = z.map((value, i) => (value - (labels.data[Math.floor(i / classes)] === i % classes ? 1 : 0)) / 6);
    expectClose('delta', got.out!.delta!.data, delta, 1e-6);
  });

  it('stays finite where probabilities underflow', () => {
    const model = classifier('softmax');
    const [kernel, bias] = model.getWeights();
    kernel!.data.fill(0);
    bias!.data.set([0, 0, 500, -500]);
    model.setWeights([kernel!, bias!]);
    const { loss, layers: got } = model.inspect({ x: [[0, 0, 0]], y: [3] });
    expect(got.out!.z!.data[3]).toBe(0);
    expect(loss).toBe(1000);
    expect([...got.out!.delta!.data]).toEqual([0, 0, 1, -1]);
  });
});
