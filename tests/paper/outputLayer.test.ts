import { beforeAll, describe, expect, it } from 'vitest';
import { checkGradients, init, layers, sequential } from '../../ts/entrypoints/node.ts';
import { paperParameters } from '../../ts/entrypoints/presets.ts';
import { at, make, sum, type Tensor } from './arrays.ts';
import { sigmoidSlope, tanhSlope } from './functions.ts';
import { N, rates, threeLayer, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = threeLayer();
});

/** dE/dU, one row per sample. */
const d4 = (n: number, k: number): number => {
  const { Y, Yh } = net.of;
  return -(at(Y, n, k) - at(Yh, n, k)) * sigmoidSlope(at(Yh, n, k));
};
/** The same summed over the samples: eq. 7 as printed. */
const summed = (k: number): number => sum(N, (n) => d4(n, k));

/** The parameters after one step. */
function trained(): Record<string, Tensor> {
  const { model, x, y } = threeLayer();
  model.trainOnBatch(x, y);
  const after = paperParameters(model);
  model.dispose();
  return after;
}

const step = (before: Tensor, gradient: Tensor, rate: number): Tensor =>
  make(before.shape, (...index) => at(before, ...index) - rate * at(gradient, ...index));

describe('the whole network', () => {
  it('has the gradients of central differences, for every parameter and the input', () => {
    const check = checkGradients(net.model, net.x, net.y);
    expect(check.passed, JSON.stringify(check.worst)).toBe(true);
    expect(Object.keys(check.tensors)).toHaveLength(7);
  });
});

describe('eq. 4', () => {
  it('the output layer takes a step of rate eta against its gradient', () => {
    const { Wb, bb, dWb, dbb } = net.of;
    const after = trained();
    expectHolds(after.Wb!, step(Wb, dWb, rates.eta));
    expectHolds(after.bb!, step(bb, dbb, rates.eta));
  });
});

describe('eq. 5', () => {
  it('dE/dbb is dE/dU, summed over the samples', () => {
    expectHolds(net.of.d4, make([N, 4], d4));
    expectHolds(
      net.of.dbb,
      make([4], (k) => sum(N, (n) => at(net.of.d4, n, k))),
    );
  });
});

describe('eq. 7', () => {
  it('the sum over the samples is right for dE/dbb', () => expectHolds(net.of.dbb, make([4], summed)));

  it('as the delta to carry on it is not: each sample has its own', () => {
    const { Wb, V, d3 } = net.of;
    const carried = make([N, 6], (n, s) => sum(4, (k) => at(Wb, k, s) * summed(k)) * tanhSlope(at(V, n, s)));
    expectStated('Eq. 7', carried, d3);
  });
});

describe('eq. 8', () => {
  const outer = (row: (n: number) => (s: number) => number, delta: (n: number, k: number) => number, count: number) =>
    make([4, 6], (k, s) => sum(count, (n) => delta(n, k) * row(n)(s)));
  const V = (n: number) => (s: number) => at(net.of.V, n, s);

  it('dE/dWb is the sum of the outer products of each delta with its V', () =>
    expectHolds(net.of.dWb, outer(V, d4, N)));

  it('the short form with the summed delta of eq. 7 is wrong, with V summed and with its mean', () => {
    const total = () => (s: number) => sum(N, (n) => at(net.of.V, n, s));
    expectStated(
      'Eq. 8',
      outer(total, (_, k) => summed(k), 1),
      net.of.dWb,
    );
    expectStated(
      'Eq. 8',
      outer(
        () => (s) => total()(s) / N,
        (_, k) => summed(k),
        1,
      ),
      net.of.dWb,
    );
  });
});

describe('eq. 12', () => {
  it('dU/dV is the matrix Wb: moving an input by 1 moves the outputs by a column', () => {
    const { Wb, bb } = net.of;
    const model = sequential([layers.dense({ units: 4, inputShape: [6] })]);
    const kernel = { data: Float32Array.from(make([6, 4], (s, k) => at(Wb, k, s)).data), shape: [6, 4] };
    model.setWeights([kernel, { data: Float32Array.from(bb.data), shape: [4] }]);
    const unit = { data: new Float32Array(7 * 6), shape: [7, 6] };
    for (let s = 0; s < 6; s++) unit.data[(s + 1) * 6 + s] = 1;
    const U = model.predictOnBatch(unit);
    expectHolds(
      make([4, 6], (k, s) => at(U, s + 1, k) - at(U, 0, k)),
      Wb,
    );
    model.dispose();
  });
});
