/** `Phi(z) - 1/2 = phi(z) (z + z^3 / 3 + z^5 / 15 + ...)`. */
function aboveHalf(z: number): number {
  let [term, sum] = [z, z];
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The z with `Phi(z) = u`, by bisection: all digits near 0, nine in the tails that 23 bits reach. */
export function normalQuantile(u: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (aboveHalf(middle) < u - 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
