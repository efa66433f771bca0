/** Channels last to channels first. */
export function nhwcToNchw(
  [batch, height, width, channels]: readonly [number, number, number, number],
  input: ArrayLike<number>,
): Float64Array {
  const output = new Float64Array(input.length);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) output[at++] = input[((n * height + y) * width + x) * channels + c]!;
      }
    }
  }
  return output;
}
