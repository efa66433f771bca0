import { OptionError, ShapeError } from '../errors.ts';
import type { LossLowering } from '../plan/compile.ts';
import type { Graph, GraphNode } from '../plan/graph.ts';
import { step, type DType } from '../plan/plan.ts';
import { batchShape, sizeOf, type Shape } from '../shape.ts';

/** A loss: how it reads targets, and how it joins a graph. */
export interface Loss {
  readonly name: string;
  /** Its own options, as plain data. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What one number for many samples means: their sum, or their mean. */
  readonly reduction: 'sum' | 'mean';
  /** `int32` for class labels. */
  readonly targetDType: DType;
  /** Shape of one sample's target for an output of this shape. */
  targetShape(output: Shape): Shape;
  /** Throws an OptionError where the last layer does not go with the loss. */
  lower(graph: Graph): LossLowering;
}

/** The node that made a graph's output. */
function lastNode(graph: Graph): GraphNode | undefined {
  const { producer } = graph.tensors[graph.outputs[0]!]!;
  return producer === undefined ? undefined : graph.nodes[producer];
}

/** The lowering of a loss with kernels `<kernel>Forward` and `<kernel>Backward` over `tensor`. */
export function lowerWith(
  loss: Omit<Loss, 'lower' | 'config'>,
  kernel: string,
  graph: Graph,
  tensor: number,
): LossLowering {
  const { shape } = graph.tensors[tensor]!;
  const attributes = { size: sizeOf(shape), reduction: loss.reduction };
  return {
    tensor,
    targetShape: loss.targetShape(shape),
    targetDType: loss.targetDType,
    forward: (io) => step(`${kernel}Forward`, loss.name, io, attributes),
    backward: (io) => step(`${kernel}Backward`, loss.name, io, attributes),
  };
}

/**
 * The tensor of logits for a cross entropy: the output itself (`fromLogits`), or what went into the softmax that ends
 * the model, so that both are computed together and stay stable. Throws an OptionError where the end of the model does
 * not go with `fromLogits`, a ShapeError for outputs that are no list of classes.
 */
export function logitsOf(name: string, graph: Graph, fromLogits: boolean): number {
  const node = lastNode(graph);
  const softmax = node?.op === 'softmax';
  if (graph.tensors[graph.outputs[0]!]!.shape.length !== 1) {
    const got = batchShape(graph.tensors[graph.outputs[0]!]!.shape);
    throw new ShapeError(
      `${name}: expected the model's output to be [N, classes], got ${got}; add flatten() or dense()`,
    );
  }
  if (softmax === fromLogits) {
    throw new OptionError(
      softmax
        ? `${name}: fromLogits is true, but layer "${node.layer}" ends in softmax already; drop one of the two`
        : `${name}: the last layer does not end in softmax; give it activation "softmax" or the loss fromLogits: true`,
    );
  }
  return softmax ? node.inputs[0]! : graph.outputs[0]!;
}
