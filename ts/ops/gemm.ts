import type { Kernel } from './kernel.ts';

interface Attributes {
  m: number;
  n: number;
  k: number;
  alpha: number;
  beta: number;
  /** `a` is `[k, m]` instead of `[m, k]`. */
  transposeA: boolean;
  /** `b` is `[n, k]` instead of `[k, n]`. */
  transposeB: boolean;
}

export const gemmKernels = {
  gemm: {
    operands: { a: 'read', b: 'read', c: 'update' },
    workspace: (kernels) => kernels.gemm_workspace(),
    bind({ kernels, address, attributes, workspace }) {
      const { m, n, k, alpha, beta, transposeA, transposeB } = attributes;
      const [a, b, c] = [address('a'), address('b'), address('c')];
      return () => kernels.gemm(m, n, k, alpha, a, transposeA, b, transposeB, beta, c, workspace);
    },
  } satisfies Kernel<Attributes>,
};
