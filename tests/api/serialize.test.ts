import { beforeAll, describe, expect, it } from 'vitest';
import {
  createEngine,
  DataError,
  init,
  initializers,
  layers,
  modelFromJSON,
  OptionError,
  sequential,
  ShapeError,
  type ModelJSON,
} from '../../ts/entrypoints/node.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

describe('toJSON and modelFromJSON', () => {
  it('write plain data with a version', () => {
    const model = sequential(
      [
        layers.input({ shape: [4], name: 'x' }),
        layers.dense({
          units: 2,
          trainable: false,
          kernelInitializer: initializers.randomNormal({ stddev: 0.5 }),
          activation: 'relu',
        }),
      ],
      { seed: 12, name: 'little' },
    );
    const expected: ModelJSON = {
      format: 'fourlane-model',
      formatVersion: 1,
      kind: 'sequential',
      name: 'little',
      seed: 12,
      input: { name: 'x', shape: [4] },
      layers: [
        {
          kind: 'dense',
          name: 'dense',
          trainable: false,
          config: {
            units: 2,
            activation: 'relu',
            useBias: true,
            kernelInitializer: { name: 'randomNormal', mean: 0, stddev: 0.5 },
            biasInitializer: { name: 'constant', value: 0 },
          },
        },
      ],
    };
    expect(model.toJSON()).toEqual(expected);
    expect(JSON.parse(JSON.stringify(model))).toEqual(expected);
  });

  it('bring back a model that trains to the same bits', async () => {
    const { x, y } = smallData(6);
    const model = keep(smallModel({ seed: 41 }));
    for (const json of [model.toJSON(), JSON.stringify(model)]) {
      const copy = keep(modelFromJSON(json));
      copy.compile({ optimizer: model.optimizer, loss: 'sparseCategoricalCrossentropy' });
      const original = keep(smallModel({ seed: 41 }));
      for (const each of [original, copy]) await each.fit(x, y, { epochs: 2, batchSize: 4 });
      expectSameBits('weights', flat(copy.getWeights()), flat(original.getWeights()));
      expect(copy.toJSON()).toEqual(model.toJSON());
    }
  });

  it('what is done to the JSON does not reach the model, nor back', () => {
    const model = smallModel();
    const json = model.toJSON();
    const copy = modelFromJSON(json);
    (json.layers[0]!.config as { kernelSize: number[] }).kernelSize[0] = 99;
    (json.input.shape as number[])[0] = 99;
    expect(model.toJSON().input.shape).toEqual([6, 6, 1]);
    expect(model.toJSON()).toEqual(copy.toJSON());
  });

  it('take an engine', async () => {
    const engine = await createEngine();
    const copy = modelFromJSON(smallModel().toJSON(), { engine });
    copy.getWeights();
    expect(engine.memory().allocations).toBeGreaterThan(0);
    engine.dispose();
    copy.dispose();
    expect(() => modelFromJSON(smallModel().toJSON(), { seed: 3 } as never)).toThrow(
      new OptionError('modelFromJSON: unknown option seed; known: engine'),
    );
  });
});

describe('JSON that is no model of this version', () => {
  /** A good model's JSON, changed. */
  const changed = (change: (json: Record<string, unknown>) => void): unknown => {
    const json = JSON.parse(JSON.stringify(smallModel())) as Record<string, unknown>;
    change(json);
    return json;
  };
  const firstLayer = (json: Record<string, unknown>): Record<string, unknown> =>
    (json.layers as Record<string, unknown>[])[0]!;

  it.each<[string, unknown, typeof DataError | typeof OptionError | typeof ShapeError, string]>([
    ['text that is no JSON', '{ "format": ', DataError, 'modelFromJSON: the text is no JSON'],
    ['nothing', null, DataError, 'modelFromJSON: not a fourlane model, got null'],
    ['another format', { format: 'keras' }, DataError, 'modelFromJSON: not a fourlane model, got "keras"'],
    [
      'a newer version',
      changed((json) => (json.formatVersion = 2)),
      DataError,
      'modelFromJSON: formatVersion is 2, this version reads 1',
    ],
    [
      'another kind',
      changed((json) => (json.kind = 'graph')),
      DataError,
      'modelFromJSON: expected kind "sequential", an input and a list of layers',
    ],
    [
      'no layers',
      changed((json) => delete json.layers),
      DataError,
      'modelFromJSON: expected kind "sequential", an input and a list of layers',
    ],
    [
      'a layer that is none',
      changed((json) => (json.layers = [null])),
      DataError,
      'modelFromJSON: layer 0 is null, expected an object',
    ],
    [
      'an unknown kind of layer',
      changed((json) => (firstLayer(json).kind = 'lstm')),
      DataError,
      'modelFromJSON: layer 0 is of unknown kind "lstm"; known: input, conv2d',
    ],
    [
      'an option that is not known',
      changed((json) => ((firstLayer(json).config as Record<string, unknown>).groups = 2)),
      OptionError,
      'conv2d: unknown option groups',
    ],
    [
      'a layer without config',
      changed((json) => delete firstLayer(json).config),
      OptionError,
      'conv2d "conv": filters must be an integer >= 1, got undefined',
    ],
    [
      'shapes that do not fit',
      changed((json) => (json.input = { name: 'input', shape: [2, 2, 1] })),
      ShapeError,
      'conv2d "conv": kernelSize [3, 3] does not fit input [2, 2]',
    ],
    [
      'no input shape',
      changed((json) => (json.input = { name: 'input' })),
      ShapeError,
      'sequential: the input shape is unknown',
    ],
    ['a bad seed', changed((json) => (json.seed = 'lucky')), OptionError, 'seed must be an integer >= 0, got "lucky"'],
  ])('%s', (_, json, type, message) => {
    expect(() => modelFromJSON(json as ModelJSON)).toThrow(type);
    expect(() => modelFromJSON(json as ModelJSON)).toThrow(message);
  });
});
