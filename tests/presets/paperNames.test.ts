import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  init,
  layers,
  OptionError,
  sequential,
  ShapeError,
  type NDArray,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import {
  paperParameters,
  seedFiveLayer,
  seedThreeLayer,
  setPaperParameters,
  type PaperParameters,
} from '../../ts/entrypoints/presets.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const rates = { eta: 0.1, alpha: 0.1, beta: 0.1 };
const three = (): Sequential =>
  keep(
    seedThreeLayer({ inputShape: [6, 5, 2], filters: 3, units: 4, classes: 2, rates, activation1: 'tanh', seed: 1 }),
  );
const five = (): Sequential =>
  keep(
    seedFiveLayer({ filters1: 2, filters2: 3, units1: 5, units2: 4, classes: 2, rates, activation1: 'tanh', seed: 1 }),
  );

const shapes = (values: Record<string, { shape: readonly number[] }>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, shape.join()]));

/** The entry at some indices. */
function at({ data, shape }: NDArray, ...indices: number[]): number {
  expect(indices).toHaveLength(shape.length);
  return data[indices.reduce((sum, index, axis) => sum * shape[axis]! + index, 0)]!;
}

describe('paperParameters', () => {
  it('are W, b, Wt, bt, Wb, bb, channels and units first', () => {
    const model = three();
    const parameters = paperParameters(model);
    expect(shapes(parameters)).toEqual({ W: '3,2,3,3', b: '3', Wt: '4,12', bt: '4', Wb: '2,4', bb: '2' });
    const [kernel, bias, dense] = model.getWeights();
    for (let s = 0; s < 3; s++)
      for (let c = 0; c < 2; c++)
        for (let p = 0; p < 3; p++)
          for (let q = 0; q < 3; q++) expect(at(parameters.W!, s, c, p, q)).toBe(at(kernel!, p, q, c, s));
    expect([...parameters.b!.data]).toEqual([...bias!.data]);
    for (let unit = 0; unit < 4; unit++)
      for (let input = 0; input < 12; input++) expect(at(parameters.Wt!, unit, input)).toBe(at(dense!, input, unit));
  });

  it('of the five-layer network have Wh, bh, Wt2, bt2 too; shared planes have no axis of channels', () => {
    const model = five();
    const expected = {
      W: '2,1,3,3',
      b: '2',
      Wh: '3,2,2',
      bh: '3',
      Wt: '5,27',
      bt: '5',
      Wt2: '4,5',
      bt2: '4',
      Wb: '2,4',
      bb: '2',
    };
    expect(shapes(paperParameters(model))).toEqual(expected);
    const [, , kernel] = model.getWeights();
    expect(at(paperParameters(model).Wh!, 2, 0, 1)).toBe(at(kernel!, 0, 1, 0, 2));
  });

  it('of other layers go by the name of the layer', () => {
    const model = keep(
      sequential([
        layers.input({ shape: [4, 4, 1] }),
        layers.conv2d({ name: 'first', filters: 2, kernelSize: 2 }),
        layers.flatten(),
        layers.dense({ name: 'out', units: 2, useBias: false }),
      ]),
    );
    expect(shapes(paperParameters(model))).toEqual({ 'first.W': '2,1,2,2', 'first.b': '2', Wb: '2,18' });
  });
});

describe('setPaperParameters', () => {
  it('is the inverse', () => {
    for (const model of [three(), five()]) {
      const given = Object.fromEntries(
        Object.entries(paperParameters(model)).map(([name, { shape }], index) => [name, randomArray(shape, index + 1)]),
      );
      setPaperParameters(model, given);
      expect(paperParameters(model)).toEqual(given);
    }
  });

  it('leaves what is not named', () => {
    const model = three();
    const before = paperParameters(model);
    const bb = randomArray([2], 3);
    setPaperParameters(model, { bb });
    expect(paperParameters(model)).toEqual({ ...before, bb });
  });

  it.each([
    [
      'a name',
      { Wh: randomArray([3, 2, 2], 1) },
      OptionError,
      'the model has no parameter Wh; it has W, b, Wt, bt, Wb, bb',
    ],
    ['a shape', { Wt: randomArray([18, 4], 1) }, ShapeError, 'Wt: expected [4, 12], got [18, 4]'],
    [
      'a length',
      { bt: { data: new Float32Array(3), shape: [4] } },
      ShapeError,
      'bt: shape [4] needs 4 elements, data has 3',
    ],
    [
      'a type',
      { b: { data: Int32Array.of(1, 2, 3), shape: [3] } },
      DataError,
      'b: expected { data: Float32Array, shape: [3] }, got data of type Int32Array',
    ],
    ['no object', undefined, OptionError, 'expected an object of parameters by name, got undefined'],
  ])('refuses %s that does not go with the model, and writes nothing', (_, wrong, type, message) => {
    const model = three();
    const before = paperParameters(model);
    const given = wrong && { Wb: randomArray([2, 4], 5), ...wrong };
    const set = (): void => setPaperParameters(model, given as unknown as PaperParameters);
    expect(set).toThrow(type);
    expect(set).toThrow(`setPaperParameters: ${message}`);
    expect(paperParameters(model)).toEqual(before);
  });
});

describe("inspect by the paper's names", () => {
  it('has every value of the three-layer network, channels before rows and columns', () => {
    const inspection = three().inspect({ x: randomArray([2, 6, 5, 2], 1), y: randomArray([2, 2], 2) });
    const { paper } = inspection;
    expect(shapes(paper)).toEqual({
      E: '',
      dX: '2,2,6,5',
      ...{ A: '2,3,4,3', Z: '2,3,4,3', d1: '2,3,4,3', dW: '3,2,3,3', db: '3' },
      ...{ T: '2,3,2,2', positions: '2,3,2,2', d2: '2,3,2,2', 'up(d2)': '2,3,4,3' },
      ...{ Q: '2,4', V: '2,4', d3: '2,4', dWt: '4,12', dbt: '4' },
      ...{ U: '2,2', Yh: '2,2', d4: '2,2', dWb: '2,4', dbb: '2' },
    });
    expect(paper.E!.data[0]).toBe(Math.fround(inspection.loss));
    const { conv1, pool1, fc1 } = inspection.layers;
    for (let n = 0; n < 2; n++)
      for (let k = 0; k < 3; k++) {
        expect(at(paper.A!, n, k, 3, 1)).toBe(at(conv1!.a!, n, 3, 1, k));
        expect(at(paper.d1!, n, k, 0, 2)).toBe(at(conv1!.delta!, n, 0, 2, k));
        expect(at(paper.positions!, n, k, 1, 0)).toBe(at(pool1!.positions!, n, 1, 0, k));
      }
    expect(at(paper.dW!, 2, 1, 0, 2)).toBe(at(conv1!.gradients.kernel!, 0, 2, 1, 2));
    expect(at(paper.dWt!, 3, 7)).toBe(at(fc1!.gradients.kernel!, 7, 3));
    expect(inspection.paper).toBe(paper);
  });

  it('has those of the five-layer network, and of layers of other names', () => {
    const names = Object.keys(five().inspect({ x: randomArray([2, 13, 13, 1], 1), y: randomArray([2, 2], 2) }).paper);
    const expected = 'E dX A Z dA dW db T positions dT up(dT) M Zh dM dWh dbh Th positionsh dTh up(dTh)';
    expect(new Set(names)).toEqual(
      new Set([...expected.split(' '), ...'Q V dQ dWt dbt Q2 V2 dQ2 dWt2 dbt2 U Yh dU dWb dbb'.split(' ')]),
    );
    const model = keep(
      sequential([
        layers.input({ shape: [3, 3, 1] }),
        layers.maxPooling2d({ name: 'p' }),
        layers.flatten({ name: 'f' }),
      ]),
    );
    model.compile({ optimizer: 'sgd', loss: 'halfSquaredError' });
    const { paper } = model.inspect({ x: randomArray([1, 3, 3, 1], 1), y: randomArray([1, 1], 2) });
    expect(Object.keys(paper).sort()).toEqual(['E', 'dX', 'f.delta', 'f.t', 'p.argmax', 'p.delta', 'p.t', 'p.up']);
  });
});
