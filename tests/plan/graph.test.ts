import { beforeAll, describe, expect, it } from 'vitest';
import { init, layers, losses, sgd, type Engine } from '../../ts/entrypoints/node.ts';
import { compilePlan } from '../../ts/plan/compile.ts';
import { GraphBuilder, type Graph } from '../../ts/plan/graph.ts';
import { step, type Plan } from '../../ts/plan/plan.ts';
import { expectClose } from '../support/compare.ts';
import { addLayer, residualGraph } from '../support/graphs.ts';
import { GraphRun } from '../support/graphRun.ts';
import { randomArray } from '../support/numbers.ts';
import { expectNothingClobbered } from '../support/planMemory.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});

function train(graph: Graph): Plan {
  const loss = losses.halfSquaredError().lower(graph);
  return compilePlan(graph, { maxBatch: 3, loss, backward: true, optimizer: sgd().lowering });
}

describe('gradients in graphs', () => {
  it.each([
    { title: 'everything apart', fuse: false, keepAll: true },
    { title: 'fused and sharing memory', fuse: true, keepAll: false },
  ])('of a shared layer and a value used twice are those of central differences ($title)', ({ fuse, keepAll }) => {
    const run = new GraphRun(engine, residualGraph(fuse), 3, { keepAll });
    const shapes = { a: [3, 3], b: [3, 3], target: [3, 2] };
    const weights = { 'shared/kernel': [3, 3], 'shared/bias': [3], 'head/kernel': [3, 2], 'head/bias': [2] };
    const values = Object.entries({ ...shapes, ...weights });
    const fill = (): void => values.forEach(([name, shape], i) => run.set(name, randomArray(shape, 40 + i).data));
    fill();
    const numeric = new Map(Object.keys(weights).map((name) => [name, run.numericGradient(name, 1 / 256)]));
    const [a, b] = ['a', 'b'].map((name) => run.numericGradient(name, 1 / 256));
    fill();
    run.backward();
    // As in layers.test.ts: float32 rounding over 2h, and h^2 / 6 of tanh's third derivative.
    for (const [name, expected] of numeric) expectClose(name, run.get(`${name}:grad`), expected, 3e-4);
    expectClose('a', run.inputGradient(0), a!, 3e-4);
    expectClose('b', run.inputGradient(1), b!, 3e-4);
    run.dispose();
  });

  it('of a value added to itself count twice', () => {
    const builder = new GraphBuilder({ training: true, fuse: true });
    const x = builder.input('x', [4]);
    const graph = builder.finish([addTwice(builder, x)]);
    const run = new GraphRun(engine, graph, 2);
    run.set('x', randomArray([2, 4], 1).data);
    run.set('target', randomArray([2, 4], 2).data);
    const numeric = run.numericGradient('x', 1 / 256);
    run.backward();
    expectClose('x', run.inputGradient(0), numeric, 3e-4);
    run.dispose();
  });
});

/** `x + x` by a node of its own, with nothing from the library's layers. */
function addTwice(builder: GraphBuilder, x: number): number {
  const copy = { activation: 'linear', size: 4 };
  return builder.node({
    layer: 'twice',
    op: 'twice',
    inputs: [x, x],
    weights: {},
    scratch: { copied: { shape: [4], dtype: 'float32' } },
    outputName: 'twice/z',
    outputShape: [4],
    forward: ({ input, output, scratch }) => [
      step('activationForward', 'twice', { input: input(1), output: scratch('copied') }, copy),
      step('add', 'twice', { a: input(0), b: scratch('copied'), output }, { size: 4 }),
    ],
    backward: ({ gradOutput, gradInput, scratch }) => [
      step('activationForward', 'twice', { input: gradOutput, output: scratch('copied') }, copy),
      step('activationForward', 'twice', { input: scratch('copied'), output: gradInput(0) }, copy),
      step('activationForward', 'twice', { input: gradOutput, output: gradInput(1) }, copy),
    ],
  });
}

describe('storage that a layer declares', () => {
  it('scratch lives within one pass, saved values from forward to backward', () => {
    const builder = new GraphBuilder({ training: true, fuse: true });
    const x = builder.input('x', [2, 2, 1]);
    const pooled = addLayer(builder, layers.maxPooling2d(), 'pool', [x]);
    const flat = addLayer(builder, layers.flatten(), 'flatten', [pooled]);
    const wide = addLayer(builder, layers.dense({ units: 4 }), 'wide', [flat]);
    const graph = builder.finish([addTwice(builder, wide)]);
    const plan = compilePlan(graph, {
      maxBatch: 3,
      loss: losses.halfSquaredError().lower(graph),
      backward: true,
      inputGradients: true,
    });
    expectNothingClobbered(plan);
    const names = plan.buffers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['pool/positions', 'twice/copied', 'twice/copied:backward']));
    const users = (name: string): string[] =>
      (['forward', 'backward'] as const).filter((phase) =>
        plan[phase].some(({ operands }) => Object.values(operands).includes(names.indexOf(name))),
      );
    expect(users('pool/positions')).toEqual(['forward', 'backward']);
    expect(users('twice/copied')).toEqual(['forward']);
    expect(users('twice/copied:backward')).toEqual(['backward']);
    expect(plan.buffers[names.indexOf('pool/positions')]).toMatchObject({ dtype: 'int32', perSample: true });
  });

  it('nothing is saved for a backward pass that does not come', () => {
    const builder = new GraphBuilder({ training: false, fuse: true });
    const x = builder.input('x', [2, 2, 1]);
    const graph = builder.finish([addLayer(builder, layers.maxPooling2d(), 'pool', [x])]);
    const plan = compilePlan(graph, { maxBatch: 1 });
    expect(plan.buffers.map(({ name }) => name)).toEqual(['x', 'pool/t']);
    expect(plan.forward[0]!.operands).not.toHaveProperty('positions');
  });

  it('state has a block of its own, without gradient or update; frozen weights lie among the parameters', () => {
    const builder = new GraphBuilder({ training: true, fuse: true });
    const x = builder.input('x', [3]);
    const dense = layers.dense({ units: 3 });
    const first = addLayer(builder, dense, 'state', [x], 'state');
    const second = addLayer(builder, dense, 'frozen', [first], 'frozen');
    const plan = train(builder.finish([addLayer(builder, dense, 'trained', [second])]));
    const block = (name: string): unknown => plan.buffers.find((buffer) => buffer.name === name)?.block;
    expect(block('state/kernel')).toBe('state');
    expect(block('frozen/kernel')).toBe('parameters');
    expect(block('trained/kernel')).toBe('parameters');
    expect(['state', 'frozen', 'trained'].map((layer) => block(`${layer}/kernel:grad`))).toEqual([
      undefined,
      undefined,
      'gradients',
    ]);
    expect(plan.update.map(({ layer }) => layer)).toEqual(['trained']);
    expect(plan.blockBytes).toMatchObject({ state: 192, parameters: 384, gradients: 384, optimizer: 0 });
    // Nothing below the trained layer needs a gradient.
    expect(plan.backward.map(({ kernel }) => kernel)).toEqual([
      'halfSquaredErrorBackward',
      'densePanelsBackwardWeight',
    ]);
  });

  it('a layer may lower to other steps in training than in inference', () => {
    const kernels = (training: boolean): string[] => {
      const builder = new GraphBuilder({ training, fuse: true });
      const x = builder.input('x', [4]);
      const output = builder.training ? addTwice(builder, x) : x;
      return compilePlan(builder.finish([output]), { maxBatch: 1 }).forward.map(({ kernel }) => kernel);
    };
    expect(kernels(true)).toEqual(['activationForward', 'add']);
    expect(kernels(false)).toEqual([]);
  });
});

describe('gradients and parameters', () => {
  it('are flat, contiguous by layer and at the same offsets, whatever the optimizer keeps beside them', () => {
    const graph = residualGraph();
    const lowering = { ...sgd().lowering, slots: 2 };
    const loss = losses.halfSquaredError().lower(graph);
    const plan = compilePlan(graph, { maxBatch: 1, loss, backward: true, optimizer: lowering });
    for (const { name, block, byteOffset, byteLength } of plan.buffers) {
      if (block !== 'gradients' || !name.endsWith(':grad')) continue;
      const parameter = plan.buffers.find((buffer) => buffer.name === name.slice(0, -':grad'.length))!;
      expect({ byteOffset, byteLength }).toEqual({
        byteOffset: parameter.byteOffset,
        byteLength: parameter.byteLength,
      });
    }
    expect(plan.blockBytes.optimizer).toBe(2 * plan.blockBytes.parameters);
  });
});
