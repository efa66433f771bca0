/** `C = alpha A B + beta C`. */
export interface GemmCase {
  m: number;
  n: number;
  k: number;
  /** A is given as `[k, m]`. */
  transposeA: boolean;
  /** B is given as `[n, k]`. */
  transposeB: boolean;
  alpha: number;
  beta: number;
}

/** `[m, n]`; `c` is what was there before, not read where beta is 0. */
export function gemm(
  { m, n, k, transposeA, transposeB, alpha, beta }: GemmCase,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  c: ArrayLike<number>,
): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
      }
      result[i * n + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * n + j]!);
    }
  }
  return result;
}
