/** Sum over the channels of each pixel. */
export function channelSum(channels: number, input: ArrayLike<number>): Float64Array {
  const output = new Float64Array(input.length / channels);
  for (let i = 0; i < input.length; i++) output[Math.floor(i / channels)]! += input[i]!;
  return output;
}
