import type { LayerInfo, UpdateOrder } from 'fourlane';

/**
 * Passes through one layer with weights: `forward`, the gradient of its `weight`s, the gradient of its `input` that is the
 * delta of the layer below. Each costs as many products as the others.
 */
export interface Passes {
  forward: number;
  weight: number;
  input: number;
}

/** Of each layer, the first one first. */
export type Work = readonly Passes[];

/** Which layers hold the weights, and what one pass of one sample costs in each, in multiplications and additions. */
export interface Costs {
  layers: readonly string[];
  products: readonly number[];
}

/** Costs of a chain: of weights that are used at every place of the output, `2 * weights * places` products each. */
export function costsOf(layers: readonly LayerInfo[]): Costs {
  const trained = layers.filter(({ weights }) => weights.length > 0);
  return {
    layers: trained.map(({ name }) => name),
    products: trained.map(({ outputShape, weights }) => {
      const places = outputShape.slice(0, -1).reduce((product, side) => product * side, 1);
      const kernel = weights.find(({ name }) => name === 'kernel')!;
      return 2 * places * kernel.shape.reduce((product, side) => product * side, 1);
    }),
  };
}

/** Passes of a step in which some layers are updated, `times` over: a forward through `forward`, then down to the lowest. */
export function pass(layers: number, forward: readonly number[], weight: readonly number[], times = 1): Work {
  const lowest = Math.min(...weight);
  return Array.from({ length: layers }, (_, layer) => ({
    forward: forward.includes(layer) ? times : 0,
    weight: weight.includes(layer) ? times : 0,
    // The lowest layer whose weights get a gradient hands no delta down.
    input: layer > lowest ? times : 0,
  }));
}

/** All passes of some works together. */
export function add(...works: readonly Work[]): Work {
  return works[0]!.map((_, layer) => {
    const sum = (kind: keyof Passes): number => works.reduce((total, work) => total + work[layer]![kind], 0);
    return { forward: sum('forward'), weight: sum('weight'), input: sum('input') };
  });
}

/** Passes of one training step in this order. */
export function workOfStep(order: UpdateOrder, layers: number): Work {
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const top = layers - 1;
  if (order === 'joint' || order === 'sequential') return pass(layers, all, all);
  if (order === 'gaussSeidel') {
    // The forward of the next step stands for the one behind the update of the lowest layer.
    const steps = all.map((layer) => pass(layers, layer === top ? all : all.slice(layer + 1), [layer]));
    return add(...steps);
  }
  return add(pass(layers, all.slice(0, top), []), blockWork(layers, order.block), lowerWork(layers));
}

/** Updates of the last layer alone with V as it is, each with a forward through that layer. */
function blockWork(layers: number, updates: number): Work {
  return pass(layers, [layers - 1], [layers - 1], updates);
}

/** A joint update of all layers but the last, behind its last update. */
function lowerWork(layers: number): Work {
  const top = layers - 1;
  return pass(
    layers,
    [top],
    Array.from({ length: top }, (_, layer) => layer),
  );
}

/** Work in joint steps of a network with these costs. */
export function inJointSteps(work: Work, { products }: Costs): number {
  const cost = (passes: Work): number =>
    passes.reduce((sum, { forward, weight, input }, layer) => sum + (forward + weight + input) * products[layer]!, 0);
  return cost(work) / cost(workOfStep('joint', products.length));
}
