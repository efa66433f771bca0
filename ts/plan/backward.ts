import { sizeOf } from '../shape.ts';
import { scratchOf, type BufferTable } from './buffers.ts';
import type { CompileOptions } from './compile.ts';
import { rootOf, type BackwardIO, type Descent, type ForwardIO, type Graph, type GraphNode } from './graph.ts';
import { step, type Step } from './plan.ts';

/** What the forward pass left for the backward pass. */
export interface BackwardContext {
  nodes: readonly GraphNode[];
  ios: readonly ForwardIO[];
  table: BufferTable;
  /** Gradient buffer of each weight. */
  gradients: readonly (number | undefined)[];
  options: CompileOptions;
  target: number;
  prediction: number;
  /** The layers whose weights get gradients in this pass. */
  layers: ReadonlySet<string>;
  /** Updates a layer before its delta is carried on; undefined where that is left for later. */
  updateAtOnce: ((layer: string) => Step) | undefined;
}

/**
 * The backward pass: nodes in reverse, each asked only for the gradients that somebody needs. Where a value has several
 * consumers, the first contribution is written and the others are added; so it is with the weights of a shared layer.
 * `updated` are the layers that the pass updates itself.
 */
export function emitBackward(
  graph: Graph,
  context: BackwardContext,
): { steps: Step[]; inputGradients: (number | undefined)[]; updated: Set<string> } {
  const { nodes, ios, table, gradients, options, updateAtOnce } = context;
  const loss = options.loss!;
  const isTrained = (node: GraphNode): boolean => trains(graph, node, context.layers);
  const needed = tensorsThatNeedGradients(graph, options.inputGradients ?? false, isTrained);
  const accumulated = new Set<number>();
  const updated = new Set<string>();
  const gradientOf = new Map<number, number>();
  const steps: Step[] = [];

  const newGradient = (tensor: number, suffix: string): number => {
    const { name, shape } = graph.tensors[rootOf(graph, tensor)]!;
    return table.perSample(`${name}:${suffix}`, shape, 'float32');
  };

  const gradPrediction = newGradient(loss.tensor, 'grad');
  gradientOf.set(rootOf(graph, loss.tensor), gradPrediction);
  steps.push(loss.backward({ prediction: context.prediction, target: context.target, gradPrediction }));

  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    const gradOutput = gradientOf.get(rootOf(graph, node.output));
    if (gradOutput === undefined) continue;
    const gradInputs = node.inputs.map((tensor) => {
      const root = rootOf(graph, tensor);
      if (!needed.has(root)) return undefined;
      const first = !gradientOf.has(root);
      const reuse = first && node.backwardInPlace && !options.keepAll && soleConsumer(graph, root);
      const buffer = reuse ? gradOutput : newGradient(tensor, first ? 'grad' : 'grad+');
      if (first) gradientOf.set(root, buffer);
      return { buffer, addTo: first ? undefined : gradientOf.get(root) };
    });
    const weightIndices = Object.values(node.weights);
    const io: BackwardIO = {
      ...ios[index]!,
      scratch: scratchOf(node, table, ':backward'),
      gradOutput,
      gradInput: (i = 0) => gradInputs[i]?.buffer,
      gradWeight: (name) => {
        const weight = node.weights[name];
        return weight === undefined || !isTrained(node) ? undefined : gradients[weight];
      },
      accumulate: weightIndices.some((weight) => accumulated.has(weight)),
    };
    const { layer, epilogue = 'linear' } = node;
    if (epilogue !== 'linear') {
      // In place: once the pre-activation has its gradient nobody reads that of the output again.
      const operands = { output: io.output, gradOutput, gradInput: gradOutput };
      const size = sizeOf(graph.tensors[node.output]!.shape);
      steps.push(step('activationBackward', layer, operands, { activation: epilogue, size }));
    }
    const descent = isTrained(node) ? descentOf(graph, node, options) : undefined;
    const carriedOn = (): Step[] => node.backward({ ...io, gradWeight: () => undefined });
    if (isTrained(node) && updateAtOnce !== undefined) {
      const last = !nodes.slice(0, index).some((other) => other.layer === layer && isTrained(other));
      const gradient = (): Step[] => node.backward({ ...io, gradInput: () => undefined });
      steps.push(...(descent?.steps(io) ?? [...gradient(), ...(last ? [updateAtOnce(layer)] : [])]), ...carriedOn());
      updated.add(layer);
    } else if (descent === undefined) {
      steps.push(...node.backward(io));
    } else {
      steps.push(...carriedOn(), ...descent.steps(io));
      updated.add(layer);
    }
    weightIndices.forEach((weight) => accumulated.add(weight));
    for (const gradient of gradInputs) {
      if (gradient?.addTo === undefined) continue;
      const size = sizeOf(table.shapeOf(gradient.buffer));
      steps.push(step('addInto', layer, { source: gradient.buffer, target: gradient.addTo }, { size }));
    }
  }
  const inputGradients = graph.inputs.map((tensor) => (needed.has(tensor) ? gradientOf.get(tensor) : undefined));
  return { steps, inputGradients, updated };
}

/** True for a node with weights that get gradients in a pass that trains these layers. */
function trains(graph: Graph, node: GraphNode, layers: ReadonlySet<string>): boolean {
  return Object.values(node.weights).some((weight) => {
    const { role, layer } = graph.weights[weight]!;
    return role === 'trainable' && layers.has(layer);
  });
}

/** How a node updates its weights itself, where the options ask for it and it alone is what trains them. */
function descentOf(graph: Graph, node: GraphNode, options: CompileOptions): Descent | undefined {
  const { descent } = node;
  const wanted = options.fuseDescent && options.optimizer?.plainDescent && !options.keepAll;
  if (!wanted || descent === undefined || options.maxBatch > descent.maxBatch) return undefined;
  const weights = Object.values(node.weights);
  const trained = weights.every((weight) => graph.weights[weight]!.role === 'trainable');
  const shared = graph.nodes.some((other) => other !== node && weights.some((weight) => uses(other, weight)));
  return trained && !shared ? descent : undefined;
}

function uses(node: GraphNode, weight: number): boolean {
  return Object.values(node.weights).includes(weight);
}

/** Roots of the tensors on a way from something trained (or from an input, where asked) to an output. */
function tensorsThatNeedGradients(graph: Graph, inputs: boolean, isTrained: (node: GraphNode) => boolean): Set<number> {
  const needed = new Set<number>(inputs ? graph.inputs : []);
  for (const node of graph.nodes) {
    if (isTrained(node) || node.inputs.some((tensor) => needed.has(rootOf(graph, tensor)))) {
      needed.add(rootOf(graph, node.output));
    }
  }
  return needed;
}

function soleConsumer(graph: Graph, root: number): boolean {
  const uses = graph.nodes.flatMap((node) => node.inputs).filter((tensor) => rootOf(graph, tensor) === root);
  return uses.length === 1 && !graph.outputs.some((tensor) => rootOf(graph, tensor) === root);
}
