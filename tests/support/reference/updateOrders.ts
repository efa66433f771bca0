import type { Batch, ReferenceLayer } from './network.ts';
import { forward, gradients, update, type ReferenceLoss } from './training.ts';

/** The orders of MODEL section 5. */
export type ReferenceOrder = 'joint' | 'sequential' | 'gaussSeidel' | { block: number };

/**
 * One training step in float64, from the definitions and without thought of cost: what must be exact at the current
 * parameters comes from a whole new pass. `trained` picks the layers that are updated. Returns the loss from before.
 */
export function stepInOrder(
  order: ReferenceOrder,
  layers: readonly ReferenceLayer[],
  rate: number,
  input: Batch,
  target: Batch,
  loss: ReferenceLoss,
  trained: (layer: ReferenceLayer) => boolean = () => true,
): number {
  const weighted = layers.filter((layer) => Object.keys(layer.weights).length > 0 && trained(layer)).reverse();
  const pass = (): number => gradients(layers, input, target, loss).loss;
  if (order === 'sequential') {
    const result = loss(forward(layers, input), target);
    layers.reduceRight((delta, layer) => {
      layer.backward(delta);
      if (weighted.includes(layer)) update([layer], rate);
      // Once more: the delta goes down through the new weights.
      return layer.backward(delta);
    }, result.gradient);
    return result.loss;
  }
  const before = pass();
  if (order === 'joint') {
    update(weighted, rate);
  } else if (order === 'gaussSeidel') {
    for (const layer of weighted) {
      pass();
      update([layer], rate);
    }
  } else {
    for (let inner = 0; inner < order.block; inner++) {
      pass();
      update([weighted[0]!], rate);
    }
    pass();
    update(weighted.slice(1), rate);
  }
  return before;
}
