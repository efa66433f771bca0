/** Along each row of `[rows, columns]`. */
export function softmaxForward(columns: number, input: ArrayLike<number>): Float64Array {
  const output = new Float64Array(input.length);
  for (let start = 0; start < input.length; start += columns) {
    const row = Array.from({ length: columns }, (_, j) => input[start + j]!);
    const largest = Math.max(...row);
    const exponentials = row.map((z) => Math.exp(z - largest));
    const sum = exponentials.reduce((total, e) => total + e, 0);
    exponentials.forEach((e, j) => (output[start + j] = e / sum));
  }
  return output;
}

/** `gradInput[j] = sum over k of gradOutput[k] output[k] ((j == k) - output[j])`, the Jacobian written out. */
export function softmaxBackward(
  columns: number,
  output: ArrayLike<number>,
  gradOutput: ArrayLike<number>,
): Float64Array {
  const gradInput = new Float64Array(output.length);
  for (let start = 0; start < output.length; start += columns) {
    for (let j = start; j < start + columns; j++) {
      for (let k = start; k < start + columns; k++) {
        gradInput[j]! += gradOutput[k]! * output[k]! * ((j === k ? 1 : 0) - output[j]!);
      }
    }
  }
  return gradInput;
}
