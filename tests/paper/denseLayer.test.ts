import { beforeAll, describe, it } from 'vitest';
import { init } from '../../ts/entrypoints/node.ts';
import { paperParameters } from '../../ts/entrypoints/presets.ts';
import { at, make, sum, type Tensor } from './arrays.ts';
import { tanhSlope } from './functions.ts';
import { N, rates, threeLayer, valuesOf, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = threeLayer();
});

/** flatten(T)[t] of a sample: 27 entries. */
const flatT = (n: number, t: number): number => net.of.T.data[27 * n + t]!;
const d3 = (n: number, s: number): number => {
  const { Wb, V, d4 } = net.of;
  return sum(4, (k) => at(Wb, k, s) * at(d4, n, k)) * tanhSlope(at(V, n, s));
};

describe('eq. 9', () => {
  it('the fully connected layer takes a step of rate alpha against its gradient', () => {
    const { Wt, bt, dWt, dbt } = net.of;
    const { model, x, y } = threeLayer();
    model.trainOnBatch(x, y);
    const after = paperParameters(model);
    const step = (before: Tensor, gradient: Tensor): Tensor =>
      make(before.shape, (...index) => at(before, ...index) - rates.alpha * at(gradient, ...index));
    expectHolds(after.Wt!, step(Wt, dWt));
    expectHolds(after.bt!, step(bt, dbt));
    model.dispose();
  });
});

describe('eq. 10 and 11', () => {
  it('the chain rule is one of each sample: the gradient of a batch is the sum of those of its samples', () => {
    const part = ({ data, shape }: Computed['x'], n: number): Computed['x'] => {
      const size = data.length / N;
      return { data: data.slice(n * size, (n + 1) * size), shape: [1, ...shape.slice(1)] };
    };
    const each = [0, 1, 2].map((n) => valuesOf(net.model, part(net.x, n), part(net.y, n)));
    for (const name of ['dbt', 'dWt', 'dbb', 'dWb', 'db', 'dW'] as const) {
      const total = make(net.of[name].shape, (...index) => sum(N, (n) => at(each[n]![name], ...index)));
      expectHolds(net.of[name], total);
    }
  });
});

describe('eq. 14', () => {
  it('delta3 of a sample is Wb^T delta4 times the derivative at its own Q, and dE/dbt their sum', () => {
    expectHolds(net.of.d3, make([N, 6], d3));
    expectHolds(
      net.of.dbt,
      make([6], (s) => sum(N, (n) => at(net.of.d3, n, s))),
    );
  });

  it('the summed delta4 of eq. 7 times the mean derivative is wrong', () => {
    const { Wb, V, d4, dbt } = net.of;
    const mean = (s: number): number => sum(N, (n) => tanhSlope(at(V, n, s))) / N;
    const printed = make([6], (s) => sum(4, (k) => at(Wb, k, s) * sum(N, (n) => at(d4, n, k))) * mean(s));
    expectStated('Eq. 14', printed, dbt);
  });
});

describe('eq. 15', () => {
  it('dE/dWt is the sum of the outer products of each delta3 with its flattened T', () =>
    expectHolds(
      net.of.dWt,
      make([6, 27], (s, t) => sum(N, (n) => at(net.of.d3, n, s) * flatT(n, t))),
    ));

  it('the product of the sums is wrong', () => {
    const printed = make([6, 27], (s, t) => sum(N, (n) => at(net.of.d3, n, s)) * sum(N, (n) => flatT(n, t)));
    expectStated('Eq. 15', printed, net.of.dWt);
  });
});

describe('eq. 17', () => {
  const carried = (n: number, k: number, i: number, j: number): number =>
    sum(6, (s) => at(net.of.Wt, s, (k * 3 + i) * 3 + j) * at(net.of.d3, n, s));

  it('delta2 is Wt^T delta3 in the shape of T, with no further factor', () =>
    expectHolds(net.of.d2, make([N, 3, 3, 3], carried)));

  it('times down(Z), as printed, it is wrong', () => {
    const printed = make([N, 3, 3, 3], (n, k, i, j) => carried(n, k, i, j) * at(net.of.T, n, k, i, j));
    expectStated('Eq. 17', printed, net.of.d2);
  });
});
