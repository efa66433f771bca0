import type { Conv2dGeometry } from '../../../ts/ops/geometry.ts';

/** A convolution of the table: correlation of NHWC input with HWIO weights. */
export interface Conv2dCase extends Omit<Conv2dGeometry, 'outHeight' | 'outWidth'> {
  batch: number;
}

/** The case with its output sizes. */
export function withOutput(c: Conv2dCase): Conv2dCase & Conv2dGeometry {
  return {
    ...c,
    outHeight: Math.floor((c.inHeight + c.padTop + c.padBottom - c.kernelHeight) / c.strideHeight) + 1,
    outWidth: Math.floor((c.inWidth + c.padLeft + c.padRight - c.kernelWidth) / c.strideWidth) + 1,
  };
}

/** Calls `visit` with the indices of input, weight and output of every product. */
export function forEachProduct(g: Conv2dCase, visit: (input: number, weight: number, output: number) => void): void {
  const { outHeight, outWidth } = withOutput(g);
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            const iy = oy * g.strideHeight + ky - g.padTop;
            const ix = ox * g.strideWidth + kx - g.padLeft;
            if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) continue;
            for (let ic = 0; ic < g.inChannels; ic++) {
              for (let oc = 0; oc < g.outChannels; oc++) {
                visit(
                  ((n * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + ic,
                  ((ky * g.kernelWidth + kx) * g.inChannels + ic) * g.outChannels + oc,
                  ((n * outHeight + oy) * outWidth + ox) * g.outChannels + oc,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** `[batch, outHeight, outWidth, outChannels]`. */
export function conv2dForward(
  g: Conv2dCase,
  input: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const { outHeight, outWidth } = withOutput(g);
  const length = g.batch * outHeight * outWidth * g.outChannels;
  const output = Float64Array.from({ length }, (_, i) => bias?.[i % g.outChannels] ?? 0);
  forEachProduct(g, (i, w, o) => (output[o]! += input[i]! * weight[w]!));
  return output;
}

/** `[batch, inHeight, inWidth, inChannels]`. */
export function conv2dBackwardInput(
  g: Conv2dCase,
  gradOutput: ArrayLike<number>,
  weight: ArrayLike<number>,
): Float64Array {
  const gradInput = new Float64Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
  forEachProduct(g, (i, w, o) => (gradInput[i]! += gradOutput[o]! * weight[w]!));
  return gradInput;
}

/** `[kernelHeight, kernelWidth, inChannels, outChannels]`. */
export function conv2dBackwardWeight(
  g: Conv2dCase,
  input: ArrayLike<number>,
  gradOutput: ArrayLike<number>,
): Float64Array {
  const gradWeight = new Float64Array(g.kernelHeight * g.kernelWidth * g.inChannels * g.outChannels);
  forEachProduct(g, (i, w, o) => (gradWeight[w]! += input[i]! * gradOutput[o]!));
  return gradWeight;
}
