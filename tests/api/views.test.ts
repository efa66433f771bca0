import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, init, OptionError, StateError, type ModelViews } from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel, stored } from '../support/models.ts';
import { oneHot } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

describe('views', () => {
  it('show parameters and gradients flat, in one order, with the place of each weight', () => {
    const model = keep(smallModel());
    const { x, y } = smallData(5);
    model.computeGradients(x, y);
    const inspected = model.inspect({ x, y }).layers;
    model.views(({ parameters, gradients, ranges }) => {
      expect(gradients.length).toBe(parameters.length);
      expect(ranges.map(({ layer, weight, length }) => [layer, weight, length])).toEqual([
        ['conv', 'kernel', 36],
        ['conv', 'bias', 4],
        ['hidden', 'kernel', 128],
        ['hidden', 'bias', 8],
        // One panel of eight columns, three of them in use.
        ['out', 'kernel', 64],
        ['out', 'bias', 3],
      ]);
      const weights = model.getWeights();
      ranges.forEach(({ layer, weight, offset, length }, i) => {
        const value = stored(model, layer, weight, weights[i]!.data);
        expectSameBits(weight, parameters.subarray(offset, offset + length), value);
        const gradient = stored(model, layer, weight, inspected[layer]!.gradients[weight]!.data);
        expectSameBits(`${weight} gradient`, gradients.subarray(offset, offset + length), gradient);
      });
    });
  });

  it('are no copies: what is written counts from the next call on', () => {
    const model = keep(smallModel());
    const { x } = smallData(2);
    model.predictOnBatch(x);
    model.views(({ parameters }) => parameters.fill(0));
    expect(new Set(flat(model.getWeights()))).toEqual(new Set([0]));
    const third = Math.fround(1 / 3);
    expect([...model.predictOnBatch(x).data]).toEqual([third, third, third, third, third, third]);
    model.views((first) => {
      first.parameters[0] = 5;
      model.views((second) => expect(second.parameters[0]).toBe(5));
    });
  });

  it('return what the callback returns, and pass on what it throws', () => {
    const model = keep(smallModel());
    expect(model.views(() => 'result')).toBe('result');
    const error = new Error('mine');
    expect(() =>
      model.views(() => {
        throw error;
      }),
    ).toThrow(error);
  });

  it('end with the call: an async callback is a StateError', () => {
    const model = keep(smallModel());
    expect(() => model.views(() => Promise.resolve(1))).toThrow(StateError);
    expect(() => model.views(() => Promise.resolve(1))).toThrow('views: the callback must not be async');
  });

  it('kept, are detached when a memory of one thread grows', async () => {
    const engine = await createEngine({ threads: 1 });
    const model = keep(smallModel({ engine }));
    let kept: ModelViews | undefined;
    model.views((views) => void (kept = views), { batchSize: 2 });
    expect(kept!.parameters.length).toBeGreaterThan(0);
    const weights = flat(model.getWeights());
    engine.alloc(engine.memory().byteLength);
    expect([kept!.parameters.length, kept!.gradients.length, kept!.x!.length, kept!.y!.length]).toEqual([0, 0, 0, 0]);
    expectSameBits('weights', flat(model.getWeights()), weights);
    engine.dispose();
  });

  it('lend the staged batch of exactly the size asked for', () => {
    const model = keep(smallModel());
    model.trainOnBatch(smallData(16).x, smallData(16).y);
    model.views(
      ({ x, y }) => {
        expect(x).toBeInstanceOf(Float32Array);
        expect(x!.length).toBe(4 * 36);
        expect(y).toBeInstanceOf(Int32Array);
        expect(y!.length).toBe(4);
      },
      { batchSize: 4 },
    );
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const { x, y } = smallData(3);
    model.views(
      (views) => {
        expect(views.y).toBeInstanceOf(Float32Array);
        views.x!.set(x.data);
        views.y!.set(oneHot(y.data, 3).data);
      },
      { batchSize: 3 },
    );
    expect(Number.isFinite(model.trainOnStagedBatch(3).loss)).toBe(true);
    model.views((views) => expect([views.x, views.y]).toEqual([undefined, undefined]));
  });

  it.each([
    [{ batchSize: 0 }, OptionError, 'views: batchSize must be an integer >= 1, got 0'],
    [{ batchsize: 2 }, OptionError, 'views: unknown option batchsize; known: batchSize'],
  ])('refuse %j', (options, type, message) => {
    const model = keep(smallModel());
    expect(() => model.views(() => 0, options as { batchSize: number })).toThrow(type);
    expect(() => model.views(() => 0, options as { batchSize: number })).toThrow(message);
  });
});
