/**
 * Turns kernels by 180 degrees: reverses the order of the `cells` leading positions (height times width), each of
 * which holds the same number of values (one per pair of channels). Returns a new array.
 */
export function rot180<T extends Float32Array | Int32Array | Uint8Array>(values: T, cells: number): T {
  const size = values.length / cells;
  const turned = values.slice() as T;
  for (let cell = 0; cell < cells; cell++) {
    turned.set(values.subarray(cell * size, (cell + 1) * size), (cells - 1 - cell) * size);
  }
  return turned;
}
