import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../ts/entrypoints/node.ts';
import { at, deviation, make, sum, sum2, type Tensor } from './arrays.ts';
import { sigmoid } from './functions.ts';
import { N, threeLayer, valuesOf, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = threeLayer();
});

describe('eq. 1', () => {
  it('E is half the sum of all squares, without a mean', () => {
    const { Y, Yh, E } = net.of;
    const half = sum(Y.data.length, (i) => (Y.data[i]! - Yh.data[i]!) ** 2 / 2);
    expectHolds(E, { shape: [], data: [half] });
    const { sampleLosses } = net.model.inspect({ x: net.x, y: net.y });
    expectHolds(
      sampleLosses,
      make([N], (n) => sum(4, (k) => (at(Y, n, k) - at(Yh, n, k)) ** 2 / 2)),
    );
  });

  it('E of a batch is the sum of those of its samples', () => {
    const each = [0, 1, 2].map((n) => at(single(n).E));
    expectHolds(net.of.E, { shape: [], data: [each[0]! + each[1]! + each[2]!] });
  });
});

/** Everything of one sample on its own. */
function single(n: number): Computed['of'] {
  const part = ({ data, shape }: Computed['x']): Computed['x'] => {
    const size = data.length / N;
    return { data: data.slice(n * size, (n + 1) * size), shape: [1, ...shape.slice(1)] };
  };
  return valuesOf(net.model, part(net.x), part(net.y));
}

describe('eq. 2', () => {
  it('the network is its layers one after the other, products being those of matrices', () => {
    const { X, W, b, Wt, bt, Wb, bb, Yh } = net.of;
    const A = make([N, 3, 6, 5], (n, k, i, j) => {
      const terms = sum2(3, 3, (p, q) => at(X, n, 0, i + p, j + q) * at(W, k, 0, 2 - p, 2 - q));
      return at(b, k) + terms;
    });
    const Z = make(A.shape, (...index) => Math.max(0, at(A, ...index)));
    const T = make([N, 3, 3, 3], (n, k, i, j) => {
      const window = [0, 1].flatMap((p) => [0, 1].map((q) => [2 * i + p, 2 * j + q] as const));
      return Math.max(...window.map(([row, column]) => (column < 5 ? at(Z, n, k, row, column) : 0)));
    });
    const V = make([N, 6], (n, s) => Math.tanh(at(bt, s) + sum(27, (t) => at(Wt, s, t) * T.data[27 * n + t]!)));
    const result = make([N, 4], (n, k) => sigmoid(at(bb, k) + sum(6, (s) => at(Wb, k, s) * at(V, n, s))));
    expectHolds(Yh, result);
    for (const [name, expected] of Object.entries({ A, Z, T, V })) expectHolds(net.of[name as 'A'], expected);
  });
});

describe('eq. 6', () => {
  const outputs = (biases: number): Tensor => {
    const { Wb, V, bb } = net.of;
    return make([N, 4], (n, k) => biases * at(bb, k) + sum(6, (j) => at(Wb, k, j) * at(V, n, j)));
  };

  it('U = Wb V + bb', () => expectHolds(net.of.U, outputs(1)));

  it('the printed bracket, with the bias inside the sum, counts it once for each of the inputs', () =>
    expectStated('Eq. 6', outputs(6), net.of.U));
});

describe('eq. 13', () => {
  it('the weight of t[k,i,j] stands at k h w + i w + j, all counted from 0', () => {
    const { T, Wt, bt, Q } = net.of;
    const [height, width] = [3, 3];
    const value = (n: number, s: number): number =>
      at(bt, s) +
      sum(3, (k) => sum2(height, width, (i, j) => at(Wt, s, (k * height + i) * width + j) * at(T, n, k, i, j)));
    expectHolds(net.of.Q, make([N, 6], value));
    expect(deviation(Q, make([N, 6], value))).toBeLessThan(1e-6);
  });

  it('rows and columns before the maps is another network', () => {
    const { T, Wt, bt, Q } = net.of;
    const value = (n: number, s: number): number =>
      at(bt, s) + sum(3, (k) => sum2(3, 3, (i, j) => at(Wt, s, (i * 3 + j) * 3 + k) * at(T, n, k, i, j)));
    expectStated('Eq. 13', make([N, 6], value), Q);
  });
});

describe('eq. 20', () => {
  /** A with the kernel cell that goes with `x[i + p, j + q]`. */
  const correlated = (cell: (p: number, q: number) => [number, number]): Tensor => {
    const { X, W, b } = net.of;
    return make(
      [N, 3, 6, 5],
      (n, k, i, j) => at(b, k) + sum2(3, 3, (p, q) => at(X, n, 0, i + p, j + q) * at(W, k, 0, ...cell(p, q))),
    );
  };

  it('A is the valid, true convolution', () =>
    expectHolds(
      net.of.A,
      correlated((p, q) => [2 - p, 2 - q]),
    ));

  it('a correlation with the same kernels is something else', () =>
    expectStated(
      'Eq. 20',
      correlated((p, q) => [p, q]),
      net.of.A,
    ));

  it('kernelMode correlation correlates', () => {
    const other = threeLayer({ kernelMode: 'correlation' });
    expectHolds(
      other.of.A,
      correlated((p, q) => [p, q]),
    );
  });
});
