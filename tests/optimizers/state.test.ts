import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  adam,
  adamw,
  init,
  losses,
  sgd,
  StateError,
  type Engine,
  type Optimizer,
  type OptimizerName,
} from '../../ts/entrypoints/node.ts';
import { compilePlan } from '../../ts/plan/compile.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { residualGraph } from '../support/graphs.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';
import { train, twoLayers } from './support.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await init();
});
const keep = disposeAfterEach();

const optimizers: [string, () => Optimizer][] = [
  ['momentum', () => sgd({ learningRate: 0.0625, momentum: 0.9 })],
  ['adam', () => adam({ learningRate: 0.0625 })],
  ['adamw', () => adamw({ learningRate: 0.0625 })],
];

describe.each(optimizers)('what %s keeps', (_, make) => {
  it('is there: later steps differ from first ones', () => {
    const model = keep(twoLayers(make()));
    const fresh = keep(twoLayers(make()));
    train(model, 0, 3);
    fresh.setWeights(model.getWeights());
    train(model, 3, 4);
    train(fresh, 3, 4);
    expect(flat(model.getWeights())).not.toEqual(flat(fresh.getWeights()));
  });

  it('belongs to each model, also when two share an optimizer', () => {
    const shared = make();
    const together = [keep(twoLayers(shared)), keep(twoLayers(shared))];
    const alone = [keep(twoLayers(make())), keep(twoLayers(make()))];
    for (let step = 0; step < 6; step++) {
      for (const models of [together, alone]) {
        train(models[0]!, step, step + 1);
        if (step % 3 === 0) train(models[1]!, 100 + step, 101 + step);
      }
    }
    together.forEach((model, i) => expectSameBits(`${i}`, flat(model.getWeights()), flat(alone[i]!.getWeights())));
  });

  it('is dropped by compile, with the same optimizer too', () => {
    const optimizer = make();
    const model = keep(twoLayers(optimizer));
    train(model, 0, 3);
    const fresh = keep(twoLayers(make()));
    fresh.setWeights(model.getWeights());
    model.compile({ optimizer, loss: losses.halfSquaredError() });
    train(model, 3, 6);
    train(fresh, 3, 6);
    expectSameBits('weights', flat(model.getWeights()), flat(fresh.getWeights()));
  });

  it('survives larger batches, predictions and growing memory', () => {
    const [moved, still] = [keep(smallModel()), keep(smallModel())];
    for (const model of [moved, still])
      model.compile({ optimizer: make(), loss: losses.sparseCategoricalCrossentropy() });
    const grow = [
      () => void moved.computeGradients(smallData(40).x, smallData(40).y),
      () => void moved.predictOnBatch(smallData(200).x),
      () => engine.free(engine.alloc(engine.memory().byteLength)),
    ];
    for (let step = 0; step < 6; step++) {
      const { x, y } = smallData(4, step);
      for (const model of [moved, still]) model.trainOnBatch(x, y);
      if (step % 2 === 0) grow[step / 2]!();
    }
    expectSameBits('weights', flat(moved.getWeights()), flat(still.getWeights()));
  });

  it('is given back with the model', () => {
    const before = engine.memory();
    const model = twoLayers(make());
    train(model, 0, 1);
    model.compile({ optimizer: make(), loss: losses.halfSquaredError() });
    train(model, 0, 1);
    model.dispose();
    expect({ ...engine.memory(), byteLength: 0 }).toEqual({ ...before, byteLength: 0 });
  });

  it('may find no memory: the model predicts, and trains once there is some', () => {
    const [model, untouched] = [keep(twoLayers(make())), keep(twoLayers(make()))];
    const initial = flat(model.getWeights());
    const { slots, counters } = make().lowering;
    const byteLength = slots * model.views(({ parameters }) => parameters.byteLength) + counters * 2 * 64;
    const alloc = engine.alloc.bind(engine);
    const spy = vi.spyOn(engine, 'alloc').mockImplementation((bytes) => {
      if (bytes === byteLength) throw new StateError('engine: out of memory');
      return alloc(bytes);
    });
    try {
      expect(() => train(model, 0, 1)).toThrow('engine: out of memory');
    } finally {
      spy.mockRestore();
    }
    expectSameBits('weights', flat(model.getWeights()), initial);
    for (const each of [model, untouched]) train(each, 0, 3);
    expectSameBits('weights', flat(model.getWeights()), flat(untouched.getWeights()));
  });
});

describe('by name', () => {
  const named: [OptimizerName, () => Optimizer][] = [
    ['sgd', () => sgd()],
    ['adam', () => adam()],
    ['adamw', () => adamw()],
  ];

  it.each(named)('%s is the optimizer with its defaults', (name, make) => {
    const [byName, made] = [keep(twoLayers(name)), keep(twoLayers(make()))];
    expect(byName.optimizer.name).toBe(name);
    expect(byName.optimizer.learningRate).toBe(name === 'sgd' ? 0.01 : 0.001);
    for (const model of [byName, made]) train(model, 0, 3);
    expectSameBits('weights', flat(byName.getWeights()), flat(made.getWeights()));
  });
});

describe('the plan', () => {
  const planWith = (optimizer: Optimizer): ReturnType<typeof compilePlan> => {
    const graph = residualGraph();
    const loss = losses.halfSquaredError().lower(graph);
    return compilePlan(graph, { maxBatch: 2, loss, backward: true, optimizer: optimizer.lowering });
  };

  it.each(optimizers)('has a place of its own for everything that %s keeps', (_, make) => {
    const optimizer = make();
    const { buffers, blockBytes } = planWith(optimizer);
    const kept = buffers.filter(({ block }) => block === 'optimizer').sort((a, b) => a.byteOffset - b.byteOffset);
    const { slots, counters } = optimizer.lowering;
    // Two layers with weights.
    expect(kept.map(({ dtype }) => dtype)).toEqual([
      ...Array.from({ length: 2 * slots }, () => 'float32'),
      ...Array.from({ length: 2 * counters }, () => 'int32'),
    ]);
    expect(kept.every(({ byteOffset }) => byteOffset % 64 === 0)).toBe(true);
    let end = 0;
    for (const { byteOffset, byteLength } of kept) {
      expect(byteOffset).toBeGreaterThanOrEqual(end);
      end = byteOffset + byteLength;
    }
    expect(blockBytes.optimizer).toBeGreaterThanOrEqual(end);
    expect(blockBytes.optimizer).toBe(slots * blockBytes.parameters + counters * 2 * 64);
  });

  it('updates every layer in one step', () => {
    const { update } = planWith(adam());
    expect(update.map(({ kernel, layer }) => `${kernel} ${layer}`)).toEqual(['adamUpdate shared', 'adamUpdate head']);
    const counters = update.map(({ operands }) => operands.steps);
    expect(new Set(counters).size).toBe(2);
  });

  it('counts in summary()', () => {
    const text = (optimizer: Optimizer): string => keep(twoLayers(optimizer)).summary({ printFn: () => {} });
    expect(text(sgd())).toContain('optimizer 0.00');
    const model = keep(smallModel());
    model.compile({ optimizer: adam(), loss: losses.sparseCategoricalCrossentropy() });
    const [, parameters, optimizer] = /parameters (\S+), gradients \S+, optimizer (\S+),/.exec(
      model.summary({ printFn: () => {} }),
    )!;
    expect(Number(optimizer)).toBeGreaterThanOrEqual(2 * Number(parameters));
  });
});
