import { OptionError } from '../../errors.ts';
import { boolean, checkKnown, number } from '../../options.ts';
import type { OpOptions } from './call.ts';
import { namedAxes, shapeOf, type Tensor } from './operand.ts';
import { resultOf, type Result } from './result.ts';

/** Options of {@link gemm}. */
export interface GemmOptions<C> extends OpOptions {
  /** `[m, n]`; default zeros. A buffer is overwritten with the result. */
  c?: C;
  /** Default 1. */
  alpha?: number;
  /** Default 0: what `c` holds is not read. */
  beta?: number;
  /** `a` is `[k, m]` instead of `[m, k]`. Default `false`. */
  transposeA?: boolean;
  /** `b` is `[n, k]` instead of `[k, n]`. Default `false`. */
  transposeB?: boolean;
}

/**
 * Matrix product `alpha A B + beta C`, `[m, n]`: written into `c` and returned where that is a buffer, else a new array.
 * Throws a ShapeError where the matrices do not go together.
 */
export function gemm<C extends Tensor | undefined = undefined>(
  a: Tensor,
  b: Tensor,
  options: GemmOptions<C> = {},
): Result<C> {
  checkKnown('gemm', options, ['c', 'alpha', 'beta', 'transposeA', 'transposeB', 'engine']);
  const { alpha = 1, beta = 0 } = options;
  const transposeA = boolean('gemm', 'transposeA', options.transposeA ?? false);
  const transposeB = boolean('gemm', 'transposeB', options.transposeB ?? false);
  if (beta !== 0 && options.c === undefined) throw new OptionError(`gemm: beta ${beta} needs c`);
  const [aRows, aColumns] = matrix('a', a);
  const [bRows, bColumns] = matrix('b', b);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const n = transposeB ? bRows : bColumns;
  return resultOf<C>('gemm', 'c', {
    engine: options.engine,
    samples: 1,
    attributes: {
      m,
      n,
      k,
      alpha: number('gemm', 'alpha', alpha),
      beta: number('gemm', 'beta', beta),
      transposeA,
      transposeB,
    },
    operands: {
      a: { value: a, shape: [aRows, aColumns] },
      b: { value: b, shape: transposeB ? [n, k] : [k, n] },
      c: { value: options.c, shape: [m, n] },
    },
  });
}

/** Rows and columns, either of which may be 0. */
function matrix(name: string, value: Tensor): [number, number] {
  const [rows, columns] = namedAxes('gemm', name, shapeOf('gemm', name, value), ['N', 'N']);
  return [rows, columns];
}
