/**
 * Turns kernels by 180 degrees: reverses the order of the `cells` leading positions (height times width), each of
 * which holds the same number of values (one per pair of channels).
 */
export function rot180(values: Float32Array, cells: number): Float32Array {
  const size = values.length / cells;
  const turned = new Float32Array(values.length);
  for (let cell = 0; cell < cells; cell++) {
    turned.set(values.subarray(cell * size, (cell + 1) * size), (cells - 1 - cell) * size);
  }
  return turned;
}
