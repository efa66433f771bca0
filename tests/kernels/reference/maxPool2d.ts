import type { MaxPool2dGeometry } from '../../../ts/ops/geometry.ts';

/** A pooling of the table. */
export interface MaxPool2dCase extends MaxPool2dGeometry {
  batch: number;
}

/**
 * Maxima and their positions `row * inWidth + column`, each `[batch, outHeight, outWidth, channels]`. The first of
 * equal cells wins, NaN wins, zero padding wins (as -1) only over cells that are all below it.
 */
export function maxPool2dForward(
  g: MaxPool2dCase,
  input: ArrayLike<number>,
): { output: Float64Array; positions: Int32Array } {
  const length = g.batch * g.outHeight * g.outWidth * g.channels;
  const [output, positions] = [new Float64Array(length), new Int32Array(length)];
  for (let i = 0; i < length; i++) {
    const c = i % g.channels;
    const ox = Math.floor(i / g.channels) % g.outWidth;
    const oy = Math.floor(i / (g.channels * g.outWidth)) % g.outHeight;
    const n = Math.floor(i / (g.channels * g.outWidth * g.outHeight));
    let [best, position, padded] = [NaN, -2, false];
    for (let ky = 0; ky < g.poolHeight; ky++) {
      for (let kx = 0; kx < g.poolWidth; kx++) {
        const iy = oy * g.strideHeight + ky - g.padTop;
        const ix = ox * g.strideWidth + kx - g.padLeft;
        if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) {
          padded = true;
          continue;
        }
        const cell = iy * g.inWidth + ix;
        const value = input[(n * g.inHeight * g.inWidth + cell) * g.channels + c]!;
        const first = position === -2;
        if (first || value > best || (Number.isNaN(value) && !Number.isNaN(best))) [best, position] = [value, cell];
      }
    }
    if (padded && g.padWithZero && best < 0) [best, position] = [0, -1];
    [output[i], positions[i]] = [best, position];
  }
  return { output, positions };
}

/** `[batch, inHeight, inWidth, channels]`: every gradient added at its position. */
export function maxPool2dBackward(
  g: MaxPool2dCase,
  gradOutput: ArrayLike<number>,
  positions: ArrayLike<number>,
): Float64Array {
  const plane = g.inHeight * g.inWidth;
  const gradInput = new Float64Array(g.batch * plane * g.channels);
  for (let i = 0; i < gradOutput.length; i++) {
    const n = Math.floor(i / (g.outHeight * g.outWidth * g.channels));
    if (positions[i]! >= 0) gradInput[(n * plane + positions[i]!) * g.channels + (i % g.channels)]! += gradOutput[i]!;
  }
  return gradInput;
}
