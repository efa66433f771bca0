import type { Batch, ReferenceLayer } from './network.ts';

/** A loss of the reference: one number for the batch and dE/d(output). */
export type ReferenceLoss = (output: Batch, target: Batch) => { loss: number; gradient: Batch };

/** `E = 1/2 sum_n sum_k (target - output)^2`: a sum. */
export const halfSquaredError: ReferenceLoss = (output, target) => {
  const gradient = output.map((sample, n) => sample.map((value, k) => value - target[n]![k]!));
  const loss = gradient.reduce((sum, sample) => sum + sample.reduce((part, d) => part + (d * d) / 2, 0), 0);
  return { loss, gradient };
};

/** Mean over the batch of `-sum_k target log softmax(logits)`. */
export const softmaxCrossentropy: ReferenceLoss = (logits, target) => {
  const count = logits.length;
  let loss = 0;
  const gradient = logits.map((sample, n) => {
    const largest = Math.max(...sample);
    const sum = sample.reduce((total, z) => total + Math.exp(z - largest), 0);
    return sample.map((z, k) => {
      loss -= (target[n]![k]! * (z - largest - Math.log(sum))) / count;
      return (Math.exp(z - largest) / sum - target[n]![k]!) / count;
    });
  });
  return { loss, gradient };
};

/** Output of a chain of layers. */
export function forward(layers: readonly ReferenceLayer[], input: Batch): Batch {
  return layers.reduce((value, layer) => layer.forward(value), input);
}

/** Loss of a batch; leaves the gradients in the layers. Returns dE/dx too. */
export function gradients(
  layers: readonly ReferenceLayer[],
  input: Batch,
  target: Batch,
  loss: ReferenceLoss,
): { loss: number; gradInput: Batch } {
  const { loss: value, gradient } = loss(forward(layers, input), target);
  return { loss: value, gradInput: layers.reduceRight((grad, layer) => layer.backward(grad), gradient) };
}

/** `p = p - rate * dE/dp` for every weight. */
export function update(layers: readonly ReferenceLayer[], rate: number): void {
  for (const { weights, gradients } of layers) {
    for (const [name, weight] of Object.entries(weights)) {
      weight.forEach((value, i) => (weight[i] = value - rate * gradients[name]![i]!));
    }
  }
}
