import { softmaxForward } from './softmax.ts';

/** `1/2 sum over j of (prediction[j] - target[j])^2` of each sample. */
export function halfSquaredError(
  size: number,
  prediction: ArrayLike<number>,
  target: ArrayLike<number>,
  samples: number,
): Float64Array {
  const losses = new Float64Array(samples);
  for (let i = 0; i < samples * size; i++) {
    losses[Math.floor(i / size)]! += 0.5 * (prediction[i]! - target[i]!) * (prediction[i]! - target[i]!);
  }
  return losses;
}

/** `sum over j of target[j] (log(sum over k of exp(logit[k])) - logit[j])` of each sample. */
export function softmaxCrossEntropy(
  size: number,
  logits: ArrayLike<number>,
  target: ArrayLike<number>,
  samples: number,
): Float64Array {
  return Float64Array.from({ length: samples }, (_, sample) => {
    const row = Array.from({ length: size }, (_, j) => logits[sample * size + j]!);
    const largest = Math.max(...row);
    const logSum = largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
    return row.reduce((loss, z, j) => loss + target[sample * size + j]! * (logSum - z), 0);
  });
}

/** `scale (softmax(logits) sum(target) - target)`. */
export function softmaxCrossEntropyGradient(
  size: number,
  logits: ArrayLike<number>,
  target: ArrayLike<number>,
  scale: number,
): Float64Array {
  const probabilities = softmaxForward(size, logits);
  return probabilities.map((p, i) => {
    const start = i - (i % size);
    let total = 0;
    for (let j = start; j < start + size; j++) total += target[j]!;
    return scale * (p * total - target[i]!);
  });
}

/** One-hot targets of labels. */
export function oneHot(size: number, labels: ArrayLike<number>): Float64Array {
  const target = new Float64Array(labels.length * size);
  for (let i = 0; i < labels.length; i++) target[i * size + labels[i]!] = 1;
  return target;
}
