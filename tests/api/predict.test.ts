import { beforeAll, describe, expect, it } from 'vitest';
import { init, OptionError, ShapeError } from '../../ts/entrypoints/node.ts';
import { expectSameBits } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();
const { x, y } = smallData(7);
const none = { data: new Float32Array(0), shape: [0, 6, 6, 1] };

describe('predict', () => {
  it('gives the same for every size of batch, larger than the data too', async () => {
    const model = keep(smallModel());
    const whole = model.predictOnBatch(x);
    expect(whole.shape).toEqual([7, 3]);
    for (const batchSize of [1, 2, 3, 7, 8, 1000]) {
      const parts = await model.predict(x, { batchSize });
      expect(parts.shape).toEqual([7, 3]);
      expectSameBits(`${batchSize}`, parts.data, whole.data);
    }
  });

  it('writes into `out`, and only there', async () => {
    const model = keep(smallModel());
    const room = new Float32Array(30).fill(9);
    const out = room.subarray(4, 25);
    const result = await model.predict(x, { out, batchSize: 2 });
    expect(result.data).toBe(out);
    expectSameBits('out', out, model.predictOnBatch(x).data);
    expect([...room.subarray(0, 4), ...room.subarray(25)]).toEqual(new Array(9).fill(9));
  });

  it('returns copies', () => {
    const model = keep(smallModel());
    const first = model.predictOnBatch(x);
    const bits = first.data.slice();
    model.predictOnBatch(smallData(7, 99).x);
    expectSameBits('first', first.data, bits);
    first.data.fill(0);
    expectSameBits('again', model.predictOnBatch(x).data, bits);
  });

  it('of no samples gives none', async () => {
    const model = keep(smallModel());
    expect(await model.predict(none)).toEqual({ data: new Float32Array(0), shape: [0, 3] });
    expect(model.predictOnBatch(none)).toEqual({ data: new Float32Array(0), shape: [0, 3] });
  });

  it('needs no compile', () => {
    const model = keep(smallModel());
    expect(model.predictOnBatch(x).shape).toEqual([7, 3]);
  });

  it.each([
    [{ out: new Float32Array(20) }, ShapeError, 'predict: out must be a Float32Array of 21 for [7, 3], got one of 20'],
    [{ out: new Array(21) }, ShapeError, 'predict: out must be a Float32Array of 21 for [7, 3], got Array'],
    [{ batchSize: 0 }, OptionError, 'predict: batchSize must be an integer >= 1, got 0'],
    [{ batchSize: 2.5 }, OptionError, 'predict: batchSize must be an integer >= 1, got 2.5'],
    [{ yieldEvery: -1 }, OptionError, 'predict: yieldEvery must be a number in [0, Infinity], got -1'],
    [{ batch_size: 2 }, OptionError, 'predict: unknown option batch_size; known: batchSize, yieldEvery, out'],
  ])('refuses %j', async (options, type, message) => {
    const predicting = keep(smallModel()).predict(x, options as object);
    await expect(predicting).rejects.toThrow(type);
    await expect(predicting).rejects.toThrow(message);
  });
});

describe('evaluate', () => {
  it('gives the same for every size of batch, up to the rounding of sums', async () => {
    const model = keep(smallModel());
    const whole = await model.evaluate(x, y, { batchSize: 1000 });
    for (const batchSize of [1, 2, 3, 7]) {
      const { loss } = await model.evaluate(x, y, { batchSize });
      // Losses are float32 each, summed in float64.
      expect(Math.abs(loss! - whole.loss!)).toBeLessThan(1e-12);
    }
  });

  it('changes nothing', async () => {
    const model = keep(smallModel());
    const before = model.predictOnBatch(x).data;
    await model.evaluate(x, y);
    expectSameBits('outputs', model.predictOnBatch(x).data, before);
  });
});
