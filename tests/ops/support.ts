import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { init, type Engine, type NDArray } from '../../ts/entrypoints/node.ts';
import type { Batch } from '../support/reference/network.ts';

/** The default engine for the tests of a file; each of them has to give back all memory that it took. */
export function useEngine(): { readonly engine: Engine } {
  const used = { engine: undefined as unknown as Engine };
  let before: { usedBytes: number; allocations: number };
  const taken = () => ({ usedBytes: used.engine.memory().usedBytes, allocations: used.engine.memory().allocations });
  beforeAll(async () => void (used.engine = await init()));
  beforeEach(() => void (before = taken()));
  afterEach(() => expect(taken()).toEqual(before));
  return used;
}

/** An array as the rows of a float64 reference. */
export function rowsOf({ data, shape }: NDArray): Batch {
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, n) => Float64Array.from(data.subarray(n * size, (n + 1) * size)));
}

/** Rows as one list. */
export function flatRows(rows: Batch): number[] {
  return rows.flatMap((row) => [...row]);
}

/** A float32 array from a list. */
export function array(shape: readonly number[], values: readonly number[]): NDArray<Float32Array> {
  return { data: Float32Array.from(values), shape };
}

/** An int32 array from a list. */
export function integers(shape: readonly number[], values: readonly number[]): NDArray<Int32Array> {
  return { data: Int32Array.from(values), shape };
}
