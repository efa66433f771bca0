import { beforeAll, describe, expect, it } from 'vitest';
import { init, type NDArray } from '../../ts/entrypoints/node.ts';
import { down, up } from '../../ts/entrypoints/ops.ts';
import { randomArray } from '../support/numbers.ts';
import { at, deviation, dot, make, sum, sum2, type Tensor } from './arrays.ts';
import { reluSlope } from './functions.ts';
import { N, threeLayer, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = threeLayer();
});

/** Planes of 6 x 5 pooled to 3 x 3: the last column of windows has one column of cells, and zeros. */
const shape = [N, 3, 6, 5];

/** `[N, C, H, W]` in the order of the engine. */
const nhwc = (tensor: Tensor): NDArray<Float32Array> => {
  const [n, c, h, w] = tensor.shape as [number, number, number, number];
  const turned = make([n, h, w, c], (i, y, x, k) => at(tensor, i, k, y, x));
  return { data: Float32Array.from(turned.data), shape: turned.shape };
};
const nchw = (array: NDArray): Tensor => {
  const [n, h, w, c] = array.shape as [number, number, number, number];
  return make([n, c, h, w], (i, k, y, x) => at(array, i, y, x, k));
};

/** The cell that a window took its maximum from; -1 for padding. */
const position = (n: number, k: number, i: number, j: number): number => at(net.of.positions, n, k, i, j);

describe('eq. 16', () => {
  const upOf = (values: Tensor): Tensor => {
    const { positions } = down(nhwc(net.of.Z));
    const restored = up(nhwc(values), positions, { inputShape: nhwc(net.of.Z).shape });
    return nchw(restored);
  };

  it('up puts each value at the position of the maximum, and zeros elsewhere', () => {
    const { d2 } = net.of;
    const expected = make(shape, (n, k, row, column) => {
      const [i, j] = [Math.floor(row / 2), Math.floor(column / 2)];
      return position(n, k, i, j) === row * 5 + column ? at(d2, n, k, i, j) : 0;
    });
    expectHolds(upOf(d2), expected);
    expectHolds(net.of['up(d2)'], expected);
  });

  it('up(T) is Z at the maxima only: it does not bring Z back', () => {
    const { T, Z } = net.of;
    const back = upOf(T);
    const largest = make([N, 3, 3, 3], (...index) => at(T, ...index));
    expectHolds(nchw(down(nhwc(back)).t), largest);
    expectStated('Eq. 16', back, Z);
  });

  it('down(up(t)) = t for t >= 0, and for nothing else where zeros win', () => {
    const positive = make([N, 3, 3, 3], (...index) => Math.abs(at(net.of.d2, ...index)));
    expectHolds(nchw(down(nhwc(upOf(positive))).t), positive);
    const negative = make([N, 3, 3, 3], (...index) => -at(positive, ...index));
    expect(deviation(nchw(down(nhwc(upOf(negative))).t), negative)).toBe(1);
  });

  it('up is the adjoint of down at the recorded positions', () => {
    const dz = nchw(randomArray([N, 6, 5, 3], 31));
    const moved = make([N, 3, 3, 3], (n, k, i, j) => {
      const cell = position(n, k, i, j);
      return cell < 0 ? 0 : at(dz, n, k, Math.floor(cell / 5), cell % 5);
    });
    const d = nchw(randomArray([N, 3, 3, 3], 32));
    expect(Math.abs(dot(moved, d) - dot(dz, upOf(d)))).toBeLessThan(1e-5);
  });
});

describe('eq. 18 and 19', () => {
  /** dE/dA when each cell of a window gets `share` of its sensitivity. */
  const delta1 = (share: (n: number, k: number, row: number, column: number) => number): Tensor =>
    make(shape, (n, k, row, column) => share(n, k, row, column) * reluSlope(at(net.of.Z, n, k, row, column)));
  const copied = (): Tensor =>
    delta1((n, k, row, column) => at(net.of.d2, n, k, Math.floor(row / 2), Math.floor(column / 2)));
  const bias = (d1: Tensor): Tensor => make([3], (k) => sum(N, (n) => sum2(6, 5, (i, j) => at(d1, n, k, i, j))));
  const weight = (d1: Tensor): Tensor =>
    make([3, 1, 3, 3], (k, c, p, q) =>
      sum(N, (n) => sum2(6, 5, (i, j) => at(d1, n, k, i, j) * at(net.of.X, n, c, i + 2 - p, j + 2 - q))),
    );

  it('with up in the place of 1 both gradients are exact', () => {
    const d1 = delta1((n, k, row, column) => at(net.of['up(d2)'], n, k, row, column));
    expectHolds(net.of.db, bias(d1));
    expectHolds(net.of.dW, weight(d1));
  });

  it('a derivative of 1 copies the sensitivity to every cell of the window', () => {
    expectStated('Eq. 18 and 19', bias(copied()), net.of.db);
    expectStated('Eq. 18 and 19', weight(copied()), net.of.dW);
  });
});

describe('eq. 21', () => {
  it('delta1 is up(delta2) times the derivative of f1, in full shape for each sample', () => {
    const expected = make(shape, (...index) => at(net.of['up(d2)'], ...index) * reluSlope(at(net.of.Z, ...index)));
    expectHolds(net.of.d1, expected);
  });

  it('dE/db of a kernel is its sum over samples and positions', () => {
    const { d1, db } = net.of;
    expectHolds(
      db,
      make([3], (k) => sum(N, (n) => sum2(6, 5, (i, j) => at(d1, n, k, i, j)))),
    );
  });
});
