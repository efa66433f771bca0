import { beforeAll, describe, expect, it } from 'vitest';
import { init } from 'fourlane';
import { seedThreeLayer } from 'fourlane/presets';
import { compare, type Comparison } from '../../../examples/paper/experiment/compare.ts';
import { run, workTo, type Run } from '../../../examples/paper/experiment/run.ts';
import { median, summarize, type ComparisonResult } from '../../../examples/paper/experiment/summary.ts';
import { costsOf, inJointSteps, workOfStep } from '../../../examples/paper/experiment/work.ts';
import { converging, orders } from '../../../examples/paper/methods/index.ts';
import { joint } from '../../../examples/paper/methods/orders.ts';
import { smallNetwork, syntheticProblem } from '../../../examples/paper/problems/synthetic.ts';

beforeAll(() => init({ build: 'simd', threads: 1 }));

const problem = syntheticProblem('linear');
const paperCosts = costsOf(seedThreeLayer().layers);
const small = costsOf(smallNetwork({ seed: 1 }).layers);
const rates = { eta: 0.001, alpha: 0.002 };

describe('run', () => {
  it('of joint steps: work by one, the loss of plain descent, ends at the last target', () => {
    const found = run({ problem, seed: 1, method: joint, rates }, { work: 600, targets: [0.5, 0.1] }, paperCosts);
    expect(found.work).toEqual(found.work.map((_, step) => step));
    expect(found.priced).toEqual(found.work);
    expect(found.loss[0]).toBe(1);
    expect(found.loss.at(-1)).toBeLessThanOrEqual(0.1);
    expect(found.loss.at(-2)).toBeGreaterThan(0.1);

    const { model, batch } = problem.task(1);
    model.compile({ loss: 'halfSquaredError', optimizer: 'sgd' });
    model.optimizer.perLayer = { conv1: rates.alpha, fc1: rates.alpha, out: rates.eta };
    const { x, y } = batch(0);
    const losses = found.loss.map(() => model.trainOnBatch(x, y).loss!);
    expect(found.loss).toEqual(losses.map((loss) => loss / losses[0]!));
    model.dispose();
  });

  it('charges another network for the same steps', () => {
    const block = orders.find(({ name }) => name === 'block(100)')!;
    const found = run({ problem, seed: 1, method: block, rates }, { work: 10, targets: [0] }, paperCosts);
    const work = workOfStep({ block: 100 }, 3);
    expect(found.work[3]).toBeCloseTo(3 * inJointSteps(work, small), 12);
    expect(found.priced[3]).toBeCloseTo(3 * inJointSteps(work, paperCosts), 12);
    expect(found.work.at(-1)).toBeGreaterThanOrEqual(10);
    expect(found.work.at(-2)).toBeLessThan(10);
  });

  it('sees that it diverges', () => {
    const wild = { eta: 1, alpha: 1 };
    const found = run({ problem, seed: 1, method: joint, rates: wild }, { work: 50, targets: [0.1] }, paperCosts);
    expect(found.diverged).toBe(true);
    expect(found.work.length).toBeLessThan(50);
  });
});

describe('converging', () => {
  const [eachPass, once, inTurn] = converging(10);

  /** Which layers' weights change from call to call. */
  function changes(method: typeof joint, calls: number): string[] {
    const { model, batch } = problem.task(1);
    const training = method.train(model, rates, batch);
    training.next();
    let before = model.getWeights();
    const changed = Array.from({ length: calls }, () => {
      training.next();
      const after = model.getWeights();
      const moved = ['conv1', 'fc1', 'out'].filter((_, layer) =>
        after[2 * layer]!.data.some((weight, i) => weight !== before[2 * layer]!.data[i]),
      );
      before = after;
      return moved.join(' ');
    });
    model.dispose();
    return changed;
  }

  it('the output until it has, then the others once', () => {
    const changed = changes(eachPass!, 600);
    const lower = changed.flatMap((layers, call) => (layers === 'conv1 fc1' ? [call] : []));
    expect(lower.length).toBeGreaterThan(1);
    expect(lower[0]).toBeGreaterThan(2);
    expect(changed.filter((layers) => layers !== 'conv1 fc1' && layers !== 'out')).toEqual([]);
    expect(lower.every((call) => changed[call + 1] !== 'conv1 fc1')).toBe(true);
  });

  it('the output once, then joint steps', () => {
    const changed = changes(once!, 600);
    const first = changed.indexOf('conv1 fc1 out');
    expect(first).toBeGreaterThan(2);
    expect(new Set(changed.slice(0, first))).toEqual(new Set(['out']));
    expect(new Set(changed.slice(first))).toEqual(new Set(['conv1 fc1 out']));
  });

  it('one layer after the other', () => {
    const order = changes(inTurn!, 5000).filter((layer, call, all) => layer !== all[call - 1]);
    expect(order.slice(0, 4)).toEqual(['out', 'fc1', 'conv1', 'out']);
  });
});

describe('compare', () => {
  const comparison: Comparison = {
    problem,
    methods: [{ method: joint }, { method: orders[3]! }, { method: orders[4]!, ratesOf: 'joint' }],
    seeds: [1, 2],
    tuningSeeds: [101],
    search: { start: { eta: 0.0005, alpha: 0.0005 }, factors: [2], work: 100 },
    limits: { work: 200, targets: [0.5, 0.1] },
    tunedFor: 0.1,
    paperCosts,
  };
  const results = (): ComparisonResult =>
    summarize(
      comparison,
      compare(comparison, () => undefined),
    );

  it('gives the same numbers again, but for times', () => {
    const withoutTimes = ({ methods, ...rest }: ComparisonResult) => ({
      ...rest,
      methods: methods.map((method) => ({ ...method, cpuMsPerJointStep: 0 })),
    });
    const first = results();
    expect(withoutTimes(results())).toEqual(withoutTimes(first));
    expect(first.methods[2]!.rates).toEqual(first.methods[0]!.rates);
    for (const { work, curve } of first.methods) {
      expect(work[0]).toBeLessThan(work[1]!);
      expect(curve.at(-1)![1]).toBeLessThanOrEqual(0.1);
    }
  });

  it('chooses rates that get there with less work than the first ones', () => {
    const { rates: chosen } = compare({ ...comparison, methods: [{ method: joint }] }, () => undefined)[0]!;
    const work = (rates: typeof chosen): number => {
      const found = run({ problem, seed: 101, method: joint, rates }, { work: 200, targets: [0.1] }, paperCosts);
      return workTo(0.1, found.work, found.loss);
    };
    expect(work(chosen)).toBeLessThan(work(comparison.search.start));
  });

  it('refuses rates of a method that did not come before', () => {
    const methods = [{ method: orders[4]!, ratesOf: 'joint' }, { method: joint }];
    expect(() => compare({ ...comparison, methods }, () => undefined)).toThrow('compare: joint does not come before');
  });
});

describe('summary', () => {
  it('takes the lower of two middles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, Infinity, 2])).toBe(2);
  });

  it('counts a diverged run as one that never got there', () => {
    const made = (loss: number[], diverged = false): Run => ({
      ...{ work: loss.map((_, i) => i), priced: loss.map((_, i) => i), loss, diverged },
      ...{ accuracy: 0.5, cpuMsPerJointStep: null },
    });
    const runs = [made([1, 0.05]), made([1, 0.05, 3], true), made([1, 2, 4], true)];
    const comparison = { problem, seeds: [1, 2, 3], tuningSeeds: [4], tunedFor: 0.1 } as unknown as Comparison;
    const limits = { work: 9, targets: [0.1] };
    const [result] = summarize({ ...comparison, limits }, [
      { method: 'made up', timed: true, rates, ratesOf: null, runs },
    ]).methods;
    expect(result).toMatchObject({ work: [null], priced: [null], diverged: 2, cpuMsPerJointStep: null });
  });
});
