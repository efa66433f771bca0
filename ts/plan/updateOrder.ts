import { emitBackward, type BackwardContext } from './backward.ts';
import type { BufferTable } from './buffers.ts';
import type { UpdateLowering } from './compile.ts';
import { rootOf, type Graph, type GraphNode } from './graph.ts';
import type { Plan, Step } from './plan.ts';

/**
 * When the layers of a chain are updated within one training step.
 *
 * `joint`: all gradients at the parameters from before the step, then all updates. `sequential`: from the output down,
 * each layer is updated as soon as it has its gradient, and the deltas go down through the updated weights; activations
 * stay those of the one forward pass, so below the last layer this is the gradient of nothing. `gaussSeidel`: after each
 * layer's update the forward pass runs again from that layer on, so that every gradient is exact. `block`: that many
 * updates of the last layer alone, each with its forward pass, then a joint update of all others.
 */
export type UpdateOrder = 'joint' | 'sequential' | 'gaussSeidel' | { readonly block: number };

/**
 * The layers that are trained, from the output down, in the groups that are updated together. A group that comes again is
 * the same object.
 */
function groupsOf(order: UpdateOrder, layers: readonly string[]): string[][] {
  if (order === 'gaussSeidel') return layers.map((layer) => [layer]);
  if (typeof order !== 'object') return [[...layers]];
  const [last, ...others] = layers;
  if (last === undefined) return [];
  const groups = new Array<string[]>(order.block).fill([last]);
  return others.length === 0 ? groups : [...groups, others];
}

/**
 * Backward pass and updates of one training step. Between two groups runs what the update of the first has outdated, and
 * no more. The updates of the last group are steps of their own; all others are within `backward`.
 */
export function emitTraining(
  graph: Graph,
  context: Omit<BackwardContext, 'layers' | 'updateAtOnce'>,
): Pick<Plan, 'backward' | 'update' | 'inputGradients'> {
  const { updateOrder = 'joint' } = context.options;
  const groups = groupsOf(updateOrder, trainedLayers(graph).reverse());
  const emitted = new Map<string[], ReturnType<typeof emitGroup>>();
  const backward: Step[] = [];
  // Without anything to train, there may still be gradients of inputs to compute.
  let last = groups.length === 0 ? emitGroup(graph, context, []) : undefined;
  for (const group of groups) {
    if (last !== undefined) backward.push(...last.update, ...last.outdated());
    last = emitted.get(group) ?? emitGroup(graph, context, group);
    emitted.set(group, last);
    backward.push(...last.backward);
  }
  const { update, inputGradients } = last!;
  return { backward, update, inputGradients };
}

/** The gradients of some layers, their updates, and what has to run again behind these. */
function emitGroup(
  graph: Graph,
  context: Omit<BackwardContext, 'layers' | 'updateAtOnce'>,
  group: readonly string[],
): Pick<Plan, 'backward' | 'update' | 'inputGradients'> & { outdated: () => Step[] } {
  const { optimizer, updateOrder } = context.options;
  const updateOf = (layer: string): Step => updateStep(context.table, optimizer!, layer);
  const updateAtOnce = updateOrder === 'sequential' ? updateOf : undefined;
  const { steps, inputGradients, updated } = emitBackward(graph, { ...context, layers: new Set(group), updateAtOnce });
  const left = trainedLayers(graph).filter((layer) => group.includes(layer) && !updated.has(layer));
  return {
    backward: steps,
    update: optimizer === undefined ? [] : left.map(updateOf),
    inputGradients,
    outdated: () => outdatedSteps(graph, context, group),
  };
}

/** Layers that have something to train, in the order of the graph. */
function trainedLayers({ weights }: Graph): string[] {
  return [...new Set(weights.filter(({ role }) => role === 'trainable').map(({ layer }) => layer))];
}

/** Over the layer's whole range of the flat parameters. */
function updateStep(table: BufferTable, optimizer: UpdateLowering, layer: string): Step {
  return optimizer.update(layer, table.layerRange(layer, optimizer));
}

/** The forward steps of all values that hang on the weights of these layers. */
function outdatedSteps(
  graph: Graph,
  { nodes, ios }: Pick<BackwardContext, 'nodes' | 'ios'>,
  layers: readonly string[],
): Step[] {
  const outdated = new Set<number>();
  const isOutdated = ({ weights, inputs }: GraphNode): boolean =>
    Object.values(weights).some((weight) => layers.includes(graph.weights[weight]!.layer)) ||
    inputs.some((tensor) => outdated.has(rootOf(graph, tensor)));
  return nodes.flatMap((node, index) => {
    if (!isOutdated(node)) return [];
    outdated.add(rootOf(graph, node.output));
    return node.forward(ios[index]!, node.epilogue ?? 'linear');
  });
}
