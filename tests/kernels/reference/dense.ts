import { gemm } from './gemm.ts';

/** `output = input weight + bias`; weight `[inputs, units]`. */
export interface DenseCase {
  batch: number;
  inputs: number;
  units: number;
}

const plain = { alpha: 1, beta: 0, transposeA: false, transposeB: false };

/** `[batch, units]`. */
export function denseForward(
  { batch, inputs, units }: DenseCase,
  input: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const output = gemm({ ...plain, m: batch, n: units, k: inputs }, input, weight, []);
  return bias === undefined ? output : output.map((value, i) => value + bias[i % units]!);
}

/** `[batch, inputs]`. */
export function denseBackwardInput(
  { batch, inputs, units }: DenseCase,
  gradOutput: ArrayLike<number>,
  weight: ArrayLike<number>,
): Float64Array {
  return gemm({ ...plain, transposeB: true, m: batch, n: inputs, k: units }, gradOutput, weight, []);
}

/** `[inputs, units]`. */
export function denseBackwardWeight(
  { batch, inputs, units }: DenseCase,
  input: ArrayLike<number>,
  gradOutput: ArrayLike<number>,
): Float64Array {
  return gemm({ ...plain, transposeA: true, m: inputs, n: units, k: batch }, input, gradOutput, []);
}

/** Column sums of `[rows, columns]`. */
export function biasGradient(columns: number, gradOutput: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < gradOutput.length; i++) sums[i % columns]! += gradOutput[i]!;
  return sums;
}
