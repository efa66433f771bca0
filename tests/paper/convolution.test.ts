import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../ts/entrypoints/node.ts';
import { paperParameters } from '../../ts/entrypoints/presets.ts';
import { randomArray } from '../support/numbers.ts';
import { around, at, dot, make, sum, sum2, type Tensor } from './arrays.ts';
import { N, rates, threeLayer, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = threeLayer();
});

/** A gradient of the kernels from a rule for the cell of X that goes with `d1[n,k,s,t]`; planes of A are 6 x 5. */
const gradient = (cell: (p: number, q: number, s: number, t: number) => [number, number]): Tensor =>
  make([3, 1, 3, 3], (k, c, p, q) =>
    sum(N, (n) => sum2(6, 5, (s, t) => at(net.of.d1, n, k, s, t) * at(net.of.X, n, c, ...cell(p, q, s, t)))),
  );

describe('eq. 3', () => {
  it('dE/dX slides each kernel, unturned, over its delta1 with zeros on all sides', () => {
    const { d1, W, dX } = net.of;
    const slid = make([N, 1, 8, 7], (n, c, row, column) =>
      sum(3, (k) => sum2(3, 3, (p, q) => around(d1, n, k, row - 2 + p, column - 2 + q) * at(W, k, c, p, q))),
    );
    expectHolds(dX, slid);
  });

  it('summed over the samples it is the derivative for one shift that all pictures share', () => {
    const { model, x, y } = net;
    const direction = randomArray([8, 7, 1], 41);
    const step = 1 / 256;
    const shifted = (by: number): number => {
      const data = x.data.map((value, i) => value + by * direction.data[i % direction.data.length]!);
      return model.inspect({ x: { data, shape: x.shape }, y }).loss;
    };
    const slope = sum(x.data.length, (i) => net.of.dX.data[i]! * direction.data[i % direction.data.length]!);
    const numeric = (shifted(step) - shifted(-step)) / (2 * step);
    expect(Math.abs(numeric - slope)).toBeLessThan(1e-3 * Math.abs(slope));
  });
});

describe('the convolution step', () => {
  it('each kernel takes a step of rate beta against its gradient', () => {
    const { W, b, dW, db } = net.of;
    const { model, x, y } = threeLayer();
    model.trainOnBatch(x, y);
    const after = paperParameters(model);
    const step = (before: Tensor, change: Tensor): Tensor =>
      make(before.shape, (...index) => at(before, ...index) - rates.beta * at(change, ...index));
    expectHolds(after.W!, step(W, dW));
    expectHolds(after.b!, step(b, db));
    model.dispose();
  });
});

describe('eq. 22', () => {
  it('dW[i,j] is the product of delta1 with the window of X at (2-i, 2-j), summed over samples and cells', () =>
    expectHolds(
      net.of.dW,
      gradient((p, q, s, t) => [2 - p + s, 2 - q + t]),
    ));

  it('equally, the true, valid convolution of delta1 with all of X turned', () => {
    const { X } = net.of;
    const turned = make(X.shape, (n, c, row, column) => at(X, n, c, 7 - row, 6 - column));
    // A true convolution runs through one of its operands backwards.
    const convolved = make([3, 1, 3, 3], (k, c, p, q) =>
      sum(N, (n) => sum2(6, 5, (s, t) => at(net.of.d1, n, k, s, t) * at(turned, n, c, p + 5 - s, q + 4 - t))),
    );
    expectHolds(net.of.dW, convolved);
  });

  it('turning each window and convolving with it gives the gradient upside down', () =>
    expectStated(
      'Eq. 22',
      gradient((p, q, s, t) => [p + s, q + t]),
      net.of.dW,
    ));

  it('turning only the array of windows and convolving is no gradient at all', () =>
    expectStated(
      'Eq. 22',
      gradient((p, q, s, t) => [2 - p + 5 - s, 2 - q + 4 - t]),
      net.of.dW,
    ));

  it('a correlation has no rot180 in it', () => {
    const other = threeLayer({ kernelMode: 'correlation' });
    const { d1, X, dW } = other.of;
    const unturned = make([3, 1, 3, 3], (k, c, p, q) =>
      sum(N, (n) => sum2(6, 5, (s, t) => at(d1, n, k, s, t) * at(X, n, c, p + s, q + t))),
    );
    expectHolds(dW, unturned);
  });

  it('the gradient is the adjoint of the convolution in its kernels', () => {
    // <conv(X; K), d1> = <K, dW> for any kernels K and no bias.
    const { X, d1, dW } = net.of;
    const K: Tensor = randomArray([3, 1, 3, 3], 51);
    const product = sum(N, (n) =>
      sum(3, (k) =>
        sum2(
          6,
          5,
          (i, j) => at(d1, n, k, i, j) * sum2(3, 3, (p, q) => at(X, n, 0, i + p, j + q) * at(K, k, 0, 2 - p, 2 - q)),
        ),
      ),
    );
    expect(Math.abs(product - dot(K, dW))).toBeLessThan(1e-5 * Math.abs(product));
  });
});

describe('the two kernel modes', () => {
  it('a convolution with kernels is a correlation with them turned: the same loss, gradients turned', () => {
    const { x, y, of } = net;
    const other = threeLayer({ kernelMode: 'correlation' });
    const weights = net.model.getWeights();
    const [kernel] = weights;
    const turned = {
      data: Float32Array.from(make([3, 3, 1, 3], (p, q, c, k) => at(kernel!, 2 - p, 2 - q, c, k)).data),
    };
    other.model.setWeights([{ ...turned, shape: [3, 3, 1, 3] }, ...weights.slice(1)]);
    const { paper } = other.model.inspect({ x, y });
    expectHolds(paper.E!, of.E);
    expectHolds(
      make([3, 1, 3, 3], (k, c, p, q) => at(paper.dW!, k, c, 2 - p, 2 - q)),
      of.dW,
    );
  });
});
