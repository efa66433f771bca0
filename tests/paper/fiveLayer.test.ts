import { beforeAll, describe, expect, it } from 'vitest';
import { checkGradients, init } from '../../ts/entrypoints/node.ts';
import { conv2dForward, rot180 } from '../../ts/entrypoints/ops.ts';
import { around, at, make, sum, sum2, type Tensor } from './arrays.ts';
import { tanhSlope } from './functions.ts';
import { fiveLayer, N, type Computed } from './networks.ts';
import { expectHolds, expectStated } from './page.ts';

let net: Computed;
beforeAll(async () => {
  await init();
  net = fiveLayer();
});

/** 3 maps T of 6 x 6, 4 kernels of 2 x 2, maps M of 5 x 5. */
const [MAPS, KERNELS] = [3, 4];

/** The sensitivity of one map from all kernels, where `delta` reads dM and `w` the kernels. */
const carried = (
  delta: (n: number, s: number, row: number, column: number) => number,
  w: (s: number, p: number, q: number) => number,
  kernels = KERNELS,
): Tensor =>
  make([N, MAPS, 6, 6], (n, _, i, j) =>
    sum(kernels, (s) => sum2(2, 2, (p, q) => delta(n, s, i - 1 + p, j - 1 + q) * w(s, p, q))),
  );
const dM = (n: number, s: number, row: number, column: number): number => around(net.of.dM, n, s, row, column);
const Wh = (s: number, p: number, q: number): number => at(net.of.Wh, s, p, q);

describe('the whole network', () => {
  it.each(['shared', 'full'] as const)('has the gradients of central differences, %s planes', (channelMode) => {
    const { model, x, y } = fiveLayer({ channelMode });
    const check = checkGradients(model, x, y);
    expect(check.passed, JSON.stringify(check.worst)).toBe(true);
  });
});

describe('the equation of M', () => {
  it('four terms for each map of T, one kernel for all maps', () => {
    const { T, bh, M } = net.of;
    const fourTerms = make([N, KERNELS, 5, 5], (n, s, i, j) => {
      const term = (k: number): number =>
        at(T, n, k, i, j) * Wh(s, 1, 1) +
        at(T, n, k, i, j + 1) * Wh(s, 1, 0) +
        at(T, n, k, i + 1, j) * Wh(s, 0, 1) +
        at(T, n, k, i + 1, j + 1) * Wh(s, 0, 0);
      return at(bh, s) + sum(MAPS, term);
    });
    expectHolds(M, fourTerms);
  });

  it('its kernel gradient is the turned correlation of T with dM, summed over samples and maps', () => {
    const { T, dWh, dbh } = net.of;
    const g = (s: number, p: number, q: number): number =>
      sum(N, (n) => sum(MAPS, (k) => sum2(5, 5, (i, j) => dM(n, s, i, j) * at(T, n, k, i + p, j + q))));
    expectHolds(
      dWh,
      make([KERNELS, 2, 2], (s, p, q) => g(s, 1 - p, 1 - q)),
    );
    expectHolds(
      dbh,
      make([KERNELS], (s) => sum(N, (n) => sum2(5, 5, (i, j) => dM(n, s, i, j)))),
    );
  });

  it('shared planes are full ones that are equal, and their gradient is the sum over the maps', () => {
    const full = fiveLayer({ channelMode: 'full' });
    const weights = net.model.getWeights();
    const shared = weights[2]!;
    const data = Float32Array.from(make([2, 2, MAPS, KERNELS], (p, q, _, s) => at(shared, p, q, 0, s)).data);
    full.model.setWeights(weights.map((weight, i) => (i === 2 ? { data, shape: [2, 2, MAPS, KERNELS] } : weight)));
    const { paper } = full.model.inspect({ x: net.x, y: net.y });
    expectHolds(paper.M!, net.of.M);
    expectHolds(
      make([KERNELS, 2, 2], (s, p, q) => sum(MAPS, (k) => at(paper.dWh!, s, k, p, q))),
      net.of.dWh,
    );
  });
});

describe('eq. 23', () => {
  /** dM/dt[i,j] on the engine: the convolution of a single 1. */
  const response = (i: number, j: number): Tensor => {
    const impulse = { data: new Float32Array(36), shape: [1, 6, 6, 1] };
    impulse.data[6 * i + j] = 1;
    const kernel = { data: Float32Array.of(Wh(0, 0, 0), Wh(0, 0, 1), Wh(0, 1, 0), Wh(0, 1, 1)), shape: [2, 2, 1, 1] };
    const { data } = conv2dForward(impulse, rot180(kernel));
    return { data, shape: [5, 5] };
  };

  it('dM/dT is the block of the kernel with its last cell at (i,j), cut where it leaves the map', () => {
    let cut = 0;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        const block = make([5, 5], (row, column) => {
          const [p, q] = [row - i + 1, column - j + 1];
          return p >= 0 && p < 2 && q >= 0 && q < 2 ? Wh(0, p, q) : 0;
        });
        expectHolds(response(i, j), block);
        if (i === 0 || i === 5 || j === 0 || j === 5) cut++;
      }
    }
    expect(cut).toBe(20);
  });
});

describe('eq. 24', () => {
  it('dE/dT slides each kernel, unturned, over its dM with zeros on all four sides: the same for every map', () =>
    expectHolds(net.of.dT, carried(dM, Wh)));

  it('zeros on top and left only lose the last row and column', () => {
    const printed = make([N, MAPS, 6, 6], (n, k, i, j) => (i < 5 && j < 5 ? at(net.of.dT, n, k, i, j) : 0));
    // That is what top and left zeros give: the windows that end inside.
    const first = carried((n, s, row, column) => (row < 5 && column < 5 ? dM(n, s, row, column) : 0), Wh);
    expectHolds(
      make([N, MAPS, 5, 5], (...index) => at(first, ...index)),
      make([N, MAPS, 5, 5], (...index) => at(printed, ...index)),
    );
    expectStated('Eq. 24', printed, net.of.dT);
  });

  it('a true convolution with the unturned kernel is another thing', () =>
    expectStated(
      'Eq. 24',
      carried(dM, (s, p, q) => Wh(s, 1 - p, 1 - q)),
      net.of.dT,
    ));
});

describe('eq. 25', () => {
  const delta1 = (dT: Tensor): Tensor => {
    const { Z, positions } = net.of;
    return make([N, MAPS, 11, 11], (n, k, row, column) => {
      const [i, j] = [Math.floor(row / 2), Math.floor(column / 2)];
      const here = at(positions, n, k, i, j) === row * 11 + column;
      return here ? at(dT, n, k, i, j) * tanhSlope(at(Z, n, k, row, column)) : 0;
    });
  };
  const kernelGradient = (dA: Tensor): Tensor =>
    make([MAPS, 1, 3, 3], (k, c, p, q) =>
      sum(N, (n) => sum2(11, 11, (i, j) => at(dA, n, k, i, j) * at(net.of.X, n, c, i + 2 - p, j + 2 - q))),
    );

  it('the delta of convolution 1 is up(dE/dT) times the derivative of f1', () => {
    expectHolds(net.of.dA, delta1(net.of.dT));
    expectHolds(net.of.dW, kernelGradient(net.of.dA));
  });

  it('there is no factor down(Z)', () => {
    const printed = make([N, MAPS, 6, 6], (...index) => at(net.of.dT, ...index) * at(net.of.T, ...index));
    expectStated('Eq. 25', printed, net.of.dT);
  });

  it('there is a sum over the kernels', () => expectStated('Eq. 25', carried(dM, Wh, 1), net.of.dT));

  it('a last row and column of 0 spoil the gradient of the first kernels', () => {
    const cut = make([N, MAPS, 6, 6], (n, k, i, j) => (i < 5 && j < 5 ? at(net.of.dT, n, k, i, j) : 0));
    expectStated('Eq. 25', kernelGradient(delta1(cut)), net.of.dW);
  });
});
