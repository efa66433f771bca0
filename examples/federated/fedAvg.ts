import type { NDArray } from 'fourlane';

/**
 * The weights of all clients, averaged: `w = sum_k (n_k / n) w_k` with `n = sum_k n_k`, entry by entry, where client k has
 * weights `w_k` (arrays of the same shapes in the same order) and trained on `n_k` examples. Summed in float64 in the
 * order of the clients, so that it is the same whichever was ready first. Throws an Error for clients that do not match.
 *
 * FederatedAveraging of McMahan, Moore, Ramage, Hampson and Agüera y Arcas 2017, "Communication-Efficient Learning of
 * Deep Networks from Decentralized Data", arXiv:1602.05629, algorithm 1.
 */
export function average(
  weights: readonly (readonly NDArray<Float32Array>[])[],
  examples: readonly number[],
): NDArray<Float32Array>[] {
  const total = examples.reduce((sum, count) => sum + count, 0);
  if (weights.length !== examples.length || !(total > 0)) {
    throw new Error(`average: ${weights.length} clients with [${examples.join(', ')}] examples`);
  }
  weights.forEach((own, client) => checkShapes(client, own, weights[0]!));
  return weights[0]!.map(({ shape }, array) => {
    const parts = weights.map((own) => own[array]!.data);
    const data = new Float32Array(parts[0]!.length);
    for (let i = 0; i < data.length; i++) {
      let sum = 0;
      for (let client = 0; client < parts.length; client++) sum += examples[client]! * parts[client]![i]!;
      data[i] = sum / total;
    }
    return { data, shape: [...shape] };
  });
}

function checkShapes(
  client: number,
  weights: readonly NDArray<Float32Array>[],
  first: readonly NDArray<Float32Array>[],
): void {
  const [got, expected] = [weights, first].map((arrays) =>
    arrays.map(({ shape }) => `[${shape.join(', ')}]`).join(' '),
  );
  if (got !== expected) throw new Error(`average: client ${client} has weights ${got}, client 0 ${expected}`);
}
