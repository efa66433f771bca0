import { Matrix } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from 'fourlane';
import {
  eigenvalues,
  gramEigenvalues,
  leastSquaresLoss,
  outputHessian,
  rowsWithOne,
} from '../../../examples/paper/linearAlgebra.ts';
import { makeHead, setRandomWeights } from '../../../examples/paper/statements/head.ts';
import { curvature } from '../../../examples/paper/statements/outputConvexity.ts';
import { Random } from '../../../examples/paper/random.ts';
import { expectClose, expectWithin } from '../../support/compare.ts';
import { randomArray } from '../../support/numbers.ts';

beforeAll(() => init({ build: 'simd', threads: 1 }));

describe('eigenvalues', () => {
  it('of -1, 2, -1 along the diagonal are 2 - 2 cos(k pi / (n + 1))', () => {
    const n = 9;
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    );
    const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
    expectWithin('eigenvalues', eigenvalues(new Matrix(rows)), expected, 1e-13);
  });

  it('of rows^T rows are those of rows rows^T and zeros, and the largest is where a power iteration ends', () => {
    const rows = rowsWithOne(randomArray([5, 8], 3));
    const hessian = outputHessian(rows, [1, 1, 1, 1, 1]);
    const all = eigenvalues(hessian).reverse();
    const few = gramEigenvalues(rows);
    expect(few).toHaveLength(5);
    expectWithin('all', all, [...few, 0, 0, 0, 0], 1e-12);
    let vector = Matrix.ones(9, 1);
    for (let i = 0; i < 500; i++) {
      const next = hessian.mmul(vector);
      vector = Matrix.div(next, next.norm('frobenius'));
    }
    expect(hessian.mmul(vector).norm('frobenius')).toBeCloseTo(few[0]!, 10);
  });
});

describe('the least loss', () => {
  it('of a line through three points', () => {
    // y = 1/6 + x/2 leaves 1/6, -1/3, 1/6.
    const rows = new Matrix([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(leastSquaresLoss(rows, new Matrix([[1 / 3], [1 / 3], [4 / 3]]))).toBeCloseTo(1 / 12, 14);
  });

  it('is 0 where there are as many weights as samples', () => {
    const rows = rowsWithOne(randomArray([4, 7], 1));
    expect(leastSquaresLoss(rows, new Matrix([[1], [-1], [0.5], [2]]))).toBeLessThan(1e-25);
  });
});

describe("a row's Hessian", () => {
  // Differences of the engine's float32 gradients: exact for the identity but for rounding, else to the second order.
  it.each([
    ['linear', 1e-4],
    ['sigmoid', 2e-3],
    ['tanh', 2e-3],
  ] as const)('is that of central differences of the engine: %s', (output, tolerance) => {
    const [samples, inputs, classes, step] = [6, 5, 2, 2 ** -6];
    const x = randomArray([samples, inputs], 5);
    const y = randomArray([samples, classes], 6);
    const head = makeHead(inputs, classes, output);
    setRandomWeights(head, new Random(8), 0.7);
    const weights = head.getWeights();
    const affine = makeHead(inputs, classes, 'linear');
    affine.setWeights(weights);
    const u = affine.predictOnBatch(x);

    /** Gradient in kernel and bias of one output, at weights of which one is moved. */
    const gradientAt = (output: number, row: number, by: number): number[] => {
      const [kernel, bias] = weights.map(({ data, shape }) => ({ data: data.slice(), shape }));
      if (row < inputs) kernel!.data[row * classes + output]! += by;
      else bias!.data[output]! += by;
      head.setWeights([kernel!, bias!]);
      const { gradients } = head.inspect({ x, y }).layers.out!;
      const ofKernel = Array.from({ length: inputs }, (_, i) => gradients.kernel!.data[i * classes + output]!);
      return [...ofKernel, gradients.bias!.data[output]!];
    };
    for (let k = 0; k < classes; k++) {
      const curvatures = Array.from({ length: samples }, (_, n) =>
        curvature(output, u.data[n * classes + k]!, y.data[n * classes + k]!),
      );
      const hessian = outputHessian(rowsWithOne(x), curvatures);
      const measured = Array.from({ length: inputs + 1 }, (_, row) => {
        const [up, down] = [gradientAt(k, row, step), gradientAt(k, row, -step)];
        return up.map((value, i) => (value - down[i]!) / (2 * step));
      });
      expectClose(`output ${k}`, measured.flat(), hessian.to1DArray(), tolerance);
    }
    head.dispose();
    affine.dispose();
  });
});
