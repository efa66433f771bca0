import { OptionError, ShapeError } from '../errors.ts';
import { layerDefOf } from '../layers/index.ts';
import { describe } from '../ndarray.ts';
import { GraphBuilder, type Graph, type GraphWeight } from '../plan/graph.ts';
import type { Shape } from '../shape.ts';
import { whereOf, type Layer, type LayerDef, type WeightSpec } from './layer.ts';

/** A layer in its place in a model. */
export interface LayerInfo {
  readonly name: string;
  readonly kind: string;
  readonly trainable: boolean;
  readonly config: unknown;
  /** Of one sample. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly weights: readonly WeightSpec[];
}

/** A chain of layers with names and shapes worked out: all that is known of a model without an engine. */
export interface Architecture {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly layers: readonly LayerInfo[];
}

/** Names the layers, checks that each takes the shape before it. Throws OptionError and ShapeError naming the layer. */
export function buildArchitecture(layers: readonly Layer[]): Architecture {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new OptionError(`sequential: expected a list of layers, got ${describe(layers)}`);
  }
  const first = layers[0] as Layer | undefined;
  const inputShape = first?.inputShape;
  if (inputShape === undefined) {
    throw new ShapeError('sequential: the input shape is unknown; start with layers.input({ shape: [...] })');
  }
  const names = new Set<string>();
  const infos: LayerInfo[] = [];
  let shape: Shape = inputShape;
  layers.forEach((layer: Layer, index) => {
    const def = defOf(layer);
    if (layer.kind === 'input' && index > 0) throw new OptionError('sequential: layers.input must come first');
    const name = layer.name ?? freeName(layer.kind, names);
    if (names.has(name)) throw new OptionError(`sequential: two layers are named "${name}"`);
    names.add(name);
    const outputShape = def.outputShape(whereOf(layer.kind, name), layer.config, [shape]);
    const weights = def.weights?.(layer.config, [shape]) ?? [];
    const { kind, trainable, config } = layer;
    infos.push({ name, kind, trainable, config, inputShape: shape, outputShape, weights });
    shape = outputShape;
  });
  return { inputShape, outputShape: shape, layers: infos };
}

/** The graph of a chain. `fuse: false` keeps every value before and after activations apart. */
export function buildGraph(architecture: Architecture, options: { training: boolean; fuse: boolean }): Graph {
  const builder = new GraphBuilder(options);
  let tensor = builder.input('x', architecture.inputShape);
  for (const info of architecture.layers) {
    const { name, kind, config } = info;
    const weights = Object.fromEntries(graphWeights(info).map((weight) => [weight.name, builder.weight(weight)]));
    const context = { name, where: whereOf(kind, name), config, inputs: [tensor], builder, weights };
    tensor = layerDefOf(kind)!.lower(context);
  }
  return builder.finish([tensor]);
}

/** A layer's weights as the plan sees them. */
export function graphWeights({ name, weights, trainable }: LayerInfo): GraphWeight[] {
  return weights.map((weight) => ({
    layer: name,
    name: weight.name,
    shape: weight.shape,
    role: weight.trainable === false ? 'state' : trainable ? 'trainable' : 'frozen',
  }));
}

function defOf(layer: Layer): LayerDef {
  const def = typeof layer === 'object' && layer !== null ? layerDefOf(layer.kind) : undefined;
  if (def === undefined) throw new OptionError(`sequential: expected layers made by layers.*, got ${describe(layer)}`);
  return def;
}

function freeName(kind: string, taken: ReadonlySet<string>): string {
  let name = kind;
  for (let number = 1; taken.has(name); number++) name = `${kind}_${number}`;
  return name;
}
