import { beforeAll, describe, expect, it } from 'vitest';
import {
  init,
  layers,
  modelFromJSON,
  sequential,
  sgd,
  ShapeError,
  type Engine,
  type Layer,
  type Sequential,
} from '../ts/entrypoints/node.ts';
import { layerDefOf, layerKinds } from '../ts/layers/index.ts';
import { GraphBuilder, type Graph } from '../ts/plan/graph.ts';
import { layerCases, type LayerCase } from './layerCases.ts';
import { expectClose, expectSameBits, flat } from './support/compare.ts';
import { addLayer } from './support/graphs.ts';
import { GraphRun } from './support/graphRun.ts';
import { distinctArray, randomArray } from './support/numbers.ts';

const SAMPLES = 3;
/** Of central differences. Exact in float32 beside multiples of 1/4096, and too small to turn a pooling's choice. */
const H = 1 / 256;
/**
 * Of the largest entry. Outputs near 1 carry 2^-24 of rounding each, divided by 2h; some ten of them in a sum; and h^2
 * / 6 of the third derivative, at most 2, of tanh.
 */
const TOLERANCE = 3e-4;

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});

/** The layer alone, between its inputs and the graph's output. */
function graphOf({ layer, inputs }: LayerCase, fuse: boolean): Graph {
  const builder = new GraphBuilder({ training: true, fuse });
  const tensors = inputs.map((shape, i) => builder.input(`x${i}`, shape));
  return builder.finish([addLayer(builder, layer, 'it', tensors)]);
}

/** Values for everything that goes into the layer; the same for the same case. */
function fill(run: GraphRun, { inputs, output, weights, distinct }: LayerCase): void {
  const make = distinct === true ? distinctArray : randomArray;
  inputs.forEach((shape, i) => run.set(`x${i}`, make([SAMPLES, ...shape], 31 + i).data));
  Object.entries(weights).forEach(([name, shape], i) => run.set(`it/${name}`, randomArray(shape, 57 + i).data));
  run.set('target', randomArray([SAMPLES, ...output], 83).data);
}

function modelOf({ layer, inputs, model }: LayerCase): Sequential | undefined {
  if (model === 'none') return undefined;
  const chain: readonly Layer[] = model ?? [layers.input({ shape: inputs[0]! }), layer];
  return sequential(chain, { seed: 5 });
}

it('every kind of layer has a row', () => {
  expect([...new Set(layerCases.map(({ layer }) => layer.kind))].sort()).toEqual([...layerKinds].sort());
});

describe.each(layerCases)('$title', (row) => {
  const { layer, inputs, output, weights, refuses = [] } = row;
  const def = layerDefOf(layer.kind)!;

  it('has the shapes of its row', () => {
    expect(def.outputShape('it', layer.config, inputs)).toEqual(output);
    const specs = def.weights?.(layer.config, inputs) ?? [];
    expect(Object.fromEntries(specs.map(({ name, shape }) => [name, shape]))).toEqual(weights);
    const graph = graphOf(row, true);
    expect(graph.tensors[graph.outputs[0]!]!.shape).toEqual(output);
  });

  it.each(refuses.map((shape) => [shape]))('refuses input of shape %j', (shape) => {
    expect(() => def.outputShape('it', layer.config, [shape])).toThrow(ShapeError);
    expect(() => def.outputShape('it "here"', layer.config, [shape])).toThrow(/^it "here": /);
  });

  it('has the gradients of central differences', () => {
    const run = new GraphRun(engine, graphOf(row, false), SAMPLES);
    fill(run, row);
    const names = [...inputs.map((_, i) => `x${i}`), ...Object.keys(weights).map((name) => `it/${name}`)];
    const numeric = names.map((name) => run.numericGradient(name, H));
    run.backward();
    inputs.forEach((_, i) => expectClose(`x${i}`, run.inputGradient(i), numeric[i]!, TOLERANCE));
    names.slice(inputs.length).forEach((name, i) => {
      expectClose(name, run.get(`${name}:grad`), numeric[inputs.length + i]!, TOLERANCE);
    });
    run.dispose();
  });

  it.each([
    { what: 'its activation fused', fuse: true, keepAll: true },
    { what: 'buffers sharing memory', fuse: false, keepAll: false },
    { what: 'both', fuse: true, keepAll: false },
  ])('gives the same bits with $what', ({ fuse, keepAll }) => {
    const [plain, planned] = [
      new GraphRun(engine, graphOf(row, false), SAMPLES),
      new GraphRun(engine, graphOf(row, fuse), SAMPLES, { keepAll }),
    ];
    for (const run of [plain, planned]) {
      fill(run, row);
      run.backward();
    }
    expectSameBits('output', planned.output(), plain.output());
    inputs.forEach((_, i) => expectSameBits(`x${i}`, planned.inputGradient(i), plain.inputGradient(i)));
    for (const name of Object.keys(weights)) {
      expectSameBits(name, planned.get(`it/${name}:grad`), plain.get(`it/${name}:grad`));
    }
    plain.dispose();
    planned.dispose();
  });

  it('survives toJSON and modelFromJSON', () => {
    const model = modelOf(row);
    if (model === undefined) {
      const chain = [layers.input({ shape: inputs[0]! }), layer];
      expect(() => sequential(chain)).toThrow(ShapeError);
      return;
    }
    const copy = modelFromJSON(JSON.stringify(model));
    expect(copy.toJSON()).toEqual(model.toJSON());
    const shapes = ({ layers }: Sequential): unknown => layers.map(({ name, outputShape }) => [name, outputShape]);
    expect(shapes(copy)).toEqual(shapes(model));
    const x = randomArray([SAMPLES, ...model.inputShape], 7);
    expectSameBits('weights', flat(copy.getWeights()), flat(model.getWeights()));
    expectSameBits('outputs', copy.predictOnBatch(x).data, model.predictOnBatch(x).data);
    copy.dispose();
    model.dispose();
  });

  it('gives back all memory of a trained model', async () => {
    const before = engine.memory();
    const model = modelOf(row);
    if (model === undefined) return;
    model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'halfSquaredError' });
    const [x, y] = [randomArray([SAMPLES, ...model.inputShape], 7), randomArray([SAMPLES, ...model.outputShape], 8)];
    await model.fit(x, y, { batchSize: 2 });
    await model.evaluate(x, y);
    await model.predict(x);
    model.inspect({ x, y });
    expect(engine.memory().allocations).toBeGreaterThan(before.allocations);
    model.dispose();
    const { usedBytes, allocations } = engine.memory();
    expect({ usedBytes, allocations }).toEqual({ usedBytes: before.usedBytes, allocations: before.allocations });
  });
});
