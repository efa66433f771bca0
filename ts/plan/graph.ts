import type { Activation } from '../ops/activation.ts';
import type { Winograd } from '../ops/winograd.ts';
import { OptionError } from '../errors.ts';
import type { Shape } from '../shape.ts';
import type { DType, Step } from './plan.ts';

/** A value that flows between nodes, by its shape for one sample. */
export interface Tensor {
  name: string;
  shape: Shape;
  dtype: DType;
  /** Index of the node that makes it; none for inputs. */
  producer?: number;
  /** The same memory under another shape. */
  aliasOf?: number;
}

/** What a layer keeps between steps. */
export interface GraphWeight {
  layer: string;
  name: string;
  shape: Shape;
  /** `frozen` weights are parameters without an update; `state` is written by forward passes only. */
  role: 'trainable' | 'frozen' | 'state';
}

/** A buffer beside the output, for each sample: `saved` lives from forward to backward, `scratch` within one of them. */
export interface SavedSpec {
  shape: Shape;
  dtype: DType;
}

/** Buffers of a node in the forward pass, as indices into the plan's buffers. */
export interface ForwardIO {
  input: (index?: number) => number;
  output: number;
  /** By the weight's name; undefined when the layer has none of that name. */
  weight: (name: string) => number | undefined;
  /** Undefined where nothing is saved, as there is no backward pass. */
  saved: (name: string) => number | undefined;
  /** Of this pass alone: forward and backward each have their own. */
  scratch: (name: string) => number;
}

/** Buffers of a node in the backward pass. */
export interface BackwardIO extends ForwardIO {
  gradOutput: number;
  /** To be overwritten; undefined where nobody needs it. */
  gradInput: (index?: number) => number | undefined;
  /** Undefined for frozen weights. */
  gradWeight: (name: string) => number | undefined;
  /** True when the gradients of the weights are to be added to what is there. */
  accumulate: boolean;
}

/**
 * A backward pass that also takes a step of plain gradient descent, so that the gradients of the node's weights are
 * never in memory. For nodes whose weights no other node uses.
 */
export interface Descent {
  /** Larger batches go the usual way. */
  maxBatch: number;
  /** Steps that change all of the node's weights; `gradInput` has been computed before. */
  steps(io: BackwardIO): Step[];
}

/** One operation with its backward pass. */
export interface GraphNode {
  layer: string;
  op: string;
  inputs: readonly number[];
  /** Index into the graph's weights by name. */
  weights: Readonly<Record<string, number>>;
  output: number;
  saved?: Readonly<Record<string, SavedSpec>>;
  scratch?: Readonly<Record<string, SavedSpec>>;
  /** Applied to the output in the same pass; set by {@link GraphBuilder.fuseActivation} on nodes that can. */
  epilogue?: Activation;
  /** The gradient of the input may take the memory of the output's. */
  backwardInPlace?: boolean;
  forward(io: ForwardIO, epilogue: Activation): Step[];
  backward(io: BackwardIO): Step[];
  descent?: Descent;
}

/** Nodes in topological order. A sequential model is the simple case; nothing here knows of it. */
export interface Graph {
  tensors: readonly Tensor[];
  weights: readonly GraphWeight[];
  nodes: readonly GraphNode[];
  inputs: readonly number[];
  outputs: readonly number[];
}

/** What a node is made from. */
export type NodeSpec = Omit<GraphNode, 'output'> & { outputShape: Shape; outputName: string };

/** What a graph is built for. */
export interface GraphOptions {
  /** True where a backward pass follows. */
  training: boolean;
  /** `false` keeps every intermediate value in a tensor of its own. */
  fuse: boolean;
  /** What convolutions may take. Default `auto`. */
  winograd?: Winograd | undefined;
}

/** Builds a graph node by node; each may use only tensors that exist, so the order is topological. */
export class GraphBuilder {
  readonly #tensors: Tensor[] = [];
  readonly #weights: GraphWeight[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: number[] = [];
  readonly training: boolean;
  readonly winograd: Winograd;
  readonly #fuse: boolean;

  constructor({ training, fuse, winograd = 'auto' }: GraphOptions) {
    this.training = training;
    this.winograd = winograd;
    this.#fuse = fuse;
  }

  /** A new input tensor. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): number {
    const tensor = this.#addTensor({ name, shape, dtype });
    this.#inputs.push(tensor);
    return tensor;
  }

  /** A weight; one of the same layer and name is the same weight, so a layer may be used more than once. */
  weight(weight: GraphWeight): number {
    const known = this.#weights.findIndex((other) => other.layer === weight.layer && other.name === weight.name);
    return known >= 0 ? known : this.#weights.push(weight) - 1;
  }

  /** A node; returns its output tensor. */
  node({ outputShape, outputName, ...node }: NodeSpec): number {
    const output = this.#addTensor({
      name: outputName,
      shape: outputShape,
      dtype: 'float32',
      producer: this.#nodes.length,
    });
    this.#nodes.push({ ...node, output });
    return output;
  }

  /** The same elements under another shape, without a copy. */
  alias(name: string, source: number, shape: Shape): number {
    return this.#addTensor({ ...this.#tensors[source]!, name, shape, aliasOf: source });
  }

  tensor(index: number): Tensor {
    return this.#tensors[index]!;
  }

  /**
   * Makes `activation` part of the node of the same layer that just made `tensor`, when this graph fuses. Returns
   * whether it did. Another layer's tensor is left alone: it may have other consumers later.
   */
  fuseActivation(layer: string, tensor: number, activation: Activation): boolean {
    const last = this.#nodes.length - 1;
    const node = this.#nodes[last];
    const own = node?.output === tensor && node.layer === layer && node.epilogue === 'linear';
    if (!this.#fuse || !own) return false;
    this.#nodes[last] = { ...node, epilogue: activation };
    return true;
  }

  finish(outputs: readonly number[]): Graph {
    if (outputs.length === 0) throw new OptionError('graph: no output');
    return { tensors: this.#tensors, weights: this.#weights, nodes: this.#nodes, inputs: this.#inputs, outputs };
  }

  #addTensor(tensor: Tensor): number {
    return this.#tensors.push(tensor) - 1;
  }
}

/** The tensor that owns the memory. */
export function rootOf(graph: Graph, tensor: number): number {
  let root = tensor;
  for (let next = graph.tensors[root]!.aliasOf; next !== undefined; next = graph.tensors[root]!.aliasOf) root = next;
  return root;
}
