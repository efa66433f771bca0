import type { Shape } from '../shape.ts';
import { BufferTable, scratchOf, type LayerRange, type OptimizerState } from './buffers.ts';
import { fuseSteps } from './fusion/index.ts';
import { rootOf, type ForwardIO, type Graph, type GraphNode } from './graph.ts';
import type { DType, Plan, Step } from './plan.ts';
import { emitTraining, type UpdateOrder } from './updateOrder.ts';

/** How a loss joins the graph: which tensor it reads and its two steps. */
export interface LossLowering {
  /** The tensor it compares with the target: the output, or the logits below a softmax it is fused with. */
  tensor: number;
  targetShape: Shape;
  targetDType: DType;
  forward(io: { prediction: number; target: number; sampleLoss: number }): Step;
  backward(io: { prediction: number; target: number; gradPrediction: number }): Step;
}

/** How an optimizer updates one range of parameters. */
export interface UpdateLowering extends OptimizerState {
  /** True for `p - rate * gradient` and nothing else: a node may do that in its backward pass. */
  plainDescent?: boolean;
  update(layer: string, range: LayerRange): Step;
}

export interface CompileOptions {
  maxBatch: number;
  loss?: LossLowering;
  /** With a loss: also the backward pass. */
  backward?: boolean;
  /** With a backward pass: also the update. */
  optimizer?: UpdateLowering;
  /**
   * Nobody looks at the gradients: with plain descent, layers that can are updated within the backward pass, and what
   * is not written has no memory.
   */
  fuseDescent?: boolean;
  /** Default `joint`; others go with plain descent. */
  updateOrder?: UpdateOrder | undefined;
  /** Gradients with respect to the inputs too. */
  inputGradients?: boolean;
  /** Every value stays readable after the run; nothing shares memory. */
  keepAll?: boolean;
}

/** Compiles a graph for batches of up to `maxBatch` samples. Pure: no wasm, the same plan for the same graph. */
export function compilePlan(graph: Graph, options: CompileOptions): Plan {
  const { loss } = options;
  const table = new BufferTable(options.maxBatch, options.keepAll ?? false);
  const values = new Map<number, number>();
  const valueOf = (tensor: number): number => {
    const root = rootOf(graph, tensor);
    const { name, shape, dtype } = graph.tensors[root]!;
    let buffer = values.get(root);
    if (buffer === undefined) values.set(root, (buffer = table.perSample(name, shape, dtype)));
    return buffer;
  };

  const weights = table.parameters(graph.weights);
  const inputs = graph.inputs.map(valueOf);
  const outputs = (loss === undefined ? graph.outputs : [loss.tensor]).map(valueOf);
  const roots = options.keepAll || loss === undefined ? graph.outputs : [];
  const nodes = neededNodes(graph, loss === undefined ? roots : [...roots, loss.tensor]);
  const ios = nodes.map((node) => nodeIO(node, table, valueOf, weights.values, options.backward ?? false));

  const forward = nodes.flatMap((node, i) => node.forward(ios[i]!, node.epilogue ?? 'linear'));
  table.touch(forward);
  let lossStep: Step | undefined;
  let target: number | undefined;
  let sampleLoss: number | undefined;
  let training: Pick<Plan, 'backward' | 'update' | 'inputGradients'> = { backward: [], update: [], inputGradients: [] };
  if (loss !== undefined) {
    target = table.perSample('target', loss.targetShape, loss.targetDType);
    sampleLoss = table.perSample('sampleLoss', [], 'float32');
    const prediction = valueOf(loss.tensor);
    lossStep = loss.forward({ prediction, target, sampleLoss });
    table.touch([lossStep]);
    if (options.backward) {
      const { gradients } = weights;
      training = emitTraining(graph, { nodes, ios, table, gradients, options, target, prediction });
      if (!options.keepAll) training.backward = fuseSteps(training.backward, { forward, table });
      table.touch(training.backward);
    }
  }
  // Inputs and targets are staged before the first step; results are read after the last.
  table.keepFromStart([...inputs, target]);
  table.keepToEnd([...outputs, sampleLoss, ...training.inputGradients]);
  return {
    maxBatch: options.maxBatch,
    forward,
    loss: lossStep,
    inputs,
    outputs,
    target,
    sampleLoss,
    ...training,
    ...table.layOut(options.optimizer, options.backward && !options.fuseDescent ? 'flat' : 'written'),
  };
}

/** Nodes that the roots depend on, in order. */
function neededNodes(graph: Graph, roots: readonly number[]): GraphNode[] {
  const needed = new Set<number>();
  const visit = (tensor: number): void => {
    const { producer } = graph.tensors[tensor]!;
    if (producer === undefined || needed.has(producer)) return;
    needed.add(producer);
    graph.nodes[producer]!.inputs.forEach(visit);
  };
  roots.forEach(visit);
  return graph.nodes.filter((_, index) => needed.has(index));
}

function nodeIO(
  node: GraphNode,
  table: BufferTable,
  valueOf: (tensor: number) => number,
  weights: readonly number[],
  backward: boolean,
): ForwardIO {
  const saved: Record<string, number> = {};
  if (backward) {
    for (const [name, spec] of Object.entries(node.saved ?? {})) {
      saved[name] = table.perSample(`${node.layer}/${name}`, spec.shape, spec.dtype);
    }
  }
  return {
    input: (index = 0) => valueOf(node.inputs[index]!),
    output: valueOf(node.output),
    weight: (name) => (node.weights[name] === undefined ? undefined : weights[node.weights[name]]),
    saved: (name) => saved[name],
    scratch: scratchOf(node, table, ''),
  };
}
