// Arrays in float64 with their shapes, for formulas written out index by index.

/** Row-major numbers with a shape. */
export interface Tensor {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** The entry at these indices; throws outside, so that no formula reads past an edge unnoticed. */
export function at({ shape, data }: Tensor, ...indices: number[]): number {
  if (indices.length !== shape.length) throw new Error(`${indices.length} indices for [${shape.join(', ')}]`);
  let offset = 0;
  indices.forEach((index, axis) => {
    if (!(index >= 0 && index < shape[axis]!)) throw new Error(`[${indices.join(', ')}] of [${shape.join(', ')}]`);
    offset = offset * shape[axis]! + index;
  });
  return data[offset]!;
}

/** The entry, or 0 where an index is outside: zeros around a plane. */
export function around(tensor: Tensor, ...indices: number[]): number {
  const inside = indices.every((index, axis) => index >= 0 && index < tensor.shape[axis]!);
  return inside ? at(tensor, ...indices) : 0;
}

/** A tensor of this shape from a formula for its entries. */
export function make(shape: readonly number[], entry: (...indices: number[]) => number): Tensor {
  const data = new Float64Array(shape.reduce((size, side) => size * side, 1));
  const indices = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = entry(...indices);
    for (let axis = shape.length - 1; axis >= 0 && ++indices[axis]! === shape[axis]; axis--) indices[axis] = 0;
  }
  return { shape, data };
}

/** `sum of term(i)` for i below `count`. */
export function sum(count: number, term: (index: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}

/** Sum of term over two indices. */
export function sum2(rows: number, columns: number, term: (row: number, column: number) => number): number {
  return sum(rows, (row) => sum(columns, (column) => term(row, column)));
}

/** Sum of the products of all entries. */
export function dot(a: Tensor, b: Tensor): number {
  if (a.shape.join() !== b.shape.join()) throw new Error(`[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  return sum(a.data.length, (i) => a.data[i]! * b.data[i]!);
}

/** The largest difference of two tensors of one shape, as a share of the largest entry of the second. */
export function deviation(got: Tensor, truth: Tensor): number {
  if (got.shape.join() !== truth.shape.join()) throw new Error(`[${got.shape.join()}] and [${truth.shape.join()}]`);
  let [worst, largest] = [0, 0];
  for (let i = 0; i < truth.data.length; i++) {
    const off = Math.abs(got.data[i]! - truth.data[i]!);
    if (!(off <= worst)) worst = off;
    largest = Math.max(largest, Math.abs(truth.data[i]!));
  }
  return worst / largest;
}
