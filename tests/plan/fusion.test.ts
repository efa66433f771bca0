import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, layers, type Engine, type Layer } from '../../ts/entrypoints/node.ts';
import { addDef } from '../../ts/layers/add.ts';
import { makeLayer } from '../../ts/model/layer.ts';
import { GraphBuilder, type Graph } from '../../ts/plan/graph.ts';
import { expectSameBits } from '../support/compare.ts';
import { GraphRun } from '../support/graphRun.ts';
import { addLayer } from '../support/graphs.ts';
import { randomArray } from '../support/numbers.ts';
import { expectNothingClobbered } from '../support/planMemory.ts';

const SAMPLES = 3;

type Build = (fuse: boolean) => Graph;

/** A chain of layers over one input of 9 x 8 pixels with 2 channels. */
function chain(...chained: readonly Layer[]): Build {
  return (fuse) => {
    const builder = new GraphBuilder({ training: true, fuse });
    let tensor = builder.input('x', [9, 8, 2]);
    chained.forEach((layer, index) => {
      tensor = addLayer(builder, layer, `${layer.kind}${index}`, [tensor]);
    });
    return builder.finish([tensor]);
  };
}

/** One convolution over two inputs, pooled, and the two added up. */
const shared: Build = (fuse) => {
  const builder = new GraphBuilder({ training: true, fuse });
  const inputs = [builder.input('x', [9, 8, 2]), builder.input('y', [9, 8, 2])];
  const conv = layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' });
  const pooled = inputs.map((input, i) =>
    addLayer(builder, layers.maxPooling2d(), `pool${i}`, [addLayer(builder, conv, 'conv', [input])]),
  );
  return builder.finish([addLayer(builder, makeLayer(addDef, {}), 'sum', pooled)]);
};

/** One activation that two poolings read: its gradient is a sum, and its own pass has to stay. */
const twice: Build = (fuse) => {
  const builder = new GraphBuilder({ training: true, fuse });
  const conv = layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' });
  const z = addLayer(builder, conv, 'conv', [builder.input('x', [9, 8, 2])]);
  const pooled = [0, 1].map((i) => addLayer(builder, layers.maxPooling2d(), `pool${i}`, [z]));
  return builder.finish([addLayer(builder, makeLayer(addDef, {}), 'sum', pooled)]);
};

const { conv2d, maxPooling2d, activation, flatten, dense } = layers;

/** Graphs with the steps of their backward pass, `+` before what a step does for the layers below it. */
const cases: [title: string, Build, backward: string[]][] = [
  [
    'every kind of layer',
    chain(
      conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2, rounding: 'ceil' }),
      conv2d({ filters: 17, kernelSize: 2, activation: 'tanh' }),
      activation({ activation: 'sigmoid' }),
      flatten({ order: 'channelsFirst' }),
      dense({ units: 5, activation: 'relu' }),
      dense({ units: 3, activation: 'softmax' }),
    ),
    [
      ...['halfSquaredErrorBackward', 'softmaxBackward', 'densePanelsBackwardWeight', 'densePanelsBackwardInput'],
      ...['activationBackward', 'densePanelsBackwardWeight', 'densePanelsBackwardInput', 'nchwToNhwc'],
      ...['activationBackward', 'activationBackwardBias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
      ...['maxPool2dBackward+relu+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
  [
    'tanh below windows apart',
    chain(conv2d({ filters: 3, kernelSize: 2, activation: 'tanh' }), maxPooling2d({ poolSize: [3, 2] })),
    ['halfSquaredErrorBackward', 'maxPool2dBackward+tanh+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
  ],
  [
    'tanh below windows that overlap',
    chain(conv2d({ filters: 3, kernelSize: 2, activation: 'tanh' }), maxPooling2d({ poolSize: 3, strides: 2 })),
    [
      ...['halfSquaredErrorBackward', 'maxPool2dBackward', 'activationBackwardBias'],
      ...['conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
  [
    'relu below windows that overlap',
    chain(conv2d({ filters: 5, kernelSize: 2, activation: 'relu' }), maxPooling2d({ poolSize: 3, strides: 2 })),
    ['halfSquaredErrorBackward', 'maxPool2dBackward+relu+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
  ],
  [
    'no activation, and none above the bias',
    chain(conv2d({ filters: 5, kernelSize: 2 }), maxPooling2d(), conv2d({ filters: 2, kernelSize: 2 })),
    [
      ...['halfSquaredErrorBackward', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
      ...['maxPool2dBackward+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
  [
    'no bias',
    chain(conv2d({ filters: 5, kernelSize: 2, useBias: false, activation: 'relu' }), maxPooling2d()),
    ['halfSquaredErrorBackward', 'maxPool2dBackward+relu', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
  ],
  [
    'an activation as a layer of its own',
    chain(
      conv2d({ filters: 5, kernelSize: 2, activation: 'relu' }),
      activation({ activation: 'sigmoid' }),
      maxPooling2d(),
    ),
    [
      ...['halfSquaredErrorBackward', 'maxPool2dBackward+sigmoid', 'activationBackwardBias'],
      ...['conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
  [
    'a convolution used twice',
    shared,
    [
      ...['halfSquaredErrorBackward', 'activationForward', 'activationForward'],
      ...['maxPool2dBackward+relu+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
      ...['maxPool2dBackward+relu+bias', 'conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
  [
    'an activation read twice',
    twice,
    [
      ...['halfSquaredErrorBackward', 'activationForward', 'activationForward'],
      ...['maxPool2dBackward', 'maxPool2dBackward', 'addInto', 'activationBackwardBias'],
      ...['conv2dBackwardWeight', 'conv2dBackwardInput'],
    ],
  ],
];

describe.each(['simd', 'relaxed'] as const)('on %s', (build) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ build, threads: 1 });
  });
  afterAll(() => engine.dispose());

  it.each(cases)('%s: the bits of the unfused plan', (_, graph, backward) => {
    const fused = new GraphRun(engine, graph(true), SAMPLES, { keepAll: false });
    const plain = new GraphRun(engine, graph(false), SAMPLES);
    const steps = fused.plan.backward.map(({ kernel, operands: { maxima, gradBias }, attributes }) => {
      const below = [maxima === undefined ? [] : [attributes.activation], gradBias === undefined ? [] : ['bias']];
      return kernel === 'maxPool2dBackward' ? [kernel, ...below.flat()].join('+') : kernel;
    });
    expect(steps).toEqual(backward);
    expectNothingClobbered(fused.plan);

    const weights = plain.plan.buffers.filter(({ block }) => block === 'parameters');
    const values = weights.map(({ name, shape }, i) => [name, randomArray(shape, 10 + i).data] as const);
    for (const run of [fused, plain]) {
      for (const [name, data] of values) run.set(name, data);
      run.plan.inputs.forEach((input, i) => {
        const { name, shape } = run.plan.buffers[input]!;
        run.set(name, randomArray([SAMPLES, ...shape], i).data);
      });
      const target = run.plan.buffers[run.plan.target!]!;
      run.set(target.name, randomArray([SAMPLES, ...target.shape], 5).data);
      run.backward();
    }
    expect(weights.length).toBeGreaterThan(0);
    for (const { name } of weights) {
      const gradient = fused.get(`${name}:grad`);
      expect(
        gradient.some((value) => value !== 0),
        name,
      ).toBe(true);
      expectSameBits(`${name}:grad`, gradient, plain.get(`${name}:grad`));
    }
    fused.plan.inputs.forEach((_, i) => {
      expectSameBits(`gradient of input ${i}`, fused.inputGradient(i), plain.inputGradient(i));
    });
    fused.dispose();
    plain.dispose();
  });
});
