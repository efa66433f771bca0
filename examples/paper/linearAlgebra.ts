import type { NDArray } from 'fourlane';
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';

/** Rows of `values`, `[N, ...]`, each with a 1 behind it: what a layer's weights and bias are multiplied by. */
export function rowsWithOne({ data, shape }: NDArray): Matrix {
  const rows = shape[0]!;
  const width = data.length / rows;
  return new Matrix(
    Array.from({ length: rows }, (_, n) => [...Array.from(data.subarray(n * width, (n + 1) * width), Number), 1]),
  );
}

/**
 * Second derivative of the loss in the weights and the bias of one output: `sum_n curvature[n] v_n v_n^T`, with `v_n` the
 * rows. Source: MODEL section 7.
 */
export function outputHessian(rows: Matrix, curvature: readonly number[]): Matrix {
  return rows.transpose().mmul(Matrix.diag([...curvature]).mmul(rows));
}

/** Eigenvalues of a symmetric matrix, the smallest first. */
export function eigenvalues(symmetric: Matrix): number[] {
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => a - b);
}

/** Eigenvalues of `rows^T rows`, the largest first and without those that are 0 as the rows are too few. */
export function gramEigenvalues(rows: Matrix): number[] {
  const gram = rows.rows < rows.columns ? rows.mmul(rows.transpose()) : rows.transpose().mmul(rows);
  return eigenvalues(gram).reverse();
}

/** The least that `1/2 |rows W - targets|^2` can be. */
export function leastSquaresLoss(rows: Matrix, targets: Matrix): number {
  const { leftSingularVectors, diagonal } = new SingularValueDecomposition(rows, { autoTranspose: true });
  const rank = diagonal.filter((value) => value > 1e-10 * diagonal[0]!).length;
  const basis = leftSingularVectors.subMatrix(0, rows.rows - 1, 0, rank - 1);
  const reached = basis.mmul(basis.transpose().mmul(targets));
  return 0.5 * Matrix.sub(targets, reached).norm('frobenius') ** 2;
}
