import { OptionError, ShapeError } from '../errors.ts';
import { layerDefOf } from '../layers/index.ts';
import { describe } from '../ndarray.ts';
import { GraphBuilder, type Graph, type GraphOptions, type GraphWeight } from '../plan/graph.ts';
import { printShape, sameShape, type Shape } from '../shape.ts';
import { whereOf, type Layer, type WeightSpec } from './layer.ts';

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
  /** Of `layers.input`, which is no entry of `layers`: it computes nothing. */
  readonly inputName: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly layers: readonly LayerInfo[];
}

/** Names the layers, checks that each takes the shape before it. Throws OptionError and ShapeError naming the layer. */
export function buildArchitecture(layers: readonly Layer[]): Architecture {
  if (!Array.isArray(layers)) throw new OptionError(`sequential: expected a list of layers, got ${describe(layers)}`);
  const all = layers as readonly Layer[];
  checkDistinct(all);
  const [first] = all;
  const chain = first?.kind === 'input' ? all.slice(1) : all;
  if (first === undefined || chain.length === 0) throw new OptionError('sequential: there are no layers that compute');
  const { inputShape } = first;
  if (inputShape === undefined) {
    throw new ShapeError('sequential: the input shape is unknown; start with layers.input({ shape: [...] })');
  }
  const inputName = first.kind === 'input' && first.name !== undefined ? first.name : 'input';
  const names = new Set<string>(first.kind === 'input' ? [inputName] : []);
  const infos: LayerInfo[] = [];
  let shape: Shape = inputShape;
  for (const layer of chain) {
    const name = layer.name ?? freeName(layer.kind, names);
    if (names.has(name)) throw new OptionError(`sequential: two layers are named "${name}"`);
    names.add(name);
    infos.push(placeLayer(layer, name, shape));
    shape = infos.at(-1)!.outputShape;
  }
  return { inputName, inputShape, outputShape: shape, layers: infos };
}

function placeLayer({ kind, trainable, config, inputShape }: Layer, name: string, shape: Shape): LayerInfo {
  const where = whereOf(kind, name);
  if (kind === 'input') throw new OptionError(`sequential: ${where} must come first`);
  if (inputShape !== undefined && !sameShape(inputShape, shape)) {
    throw new ShapeError(
      `${where}: inputShape is ${printShape(inputShape)}, the layer before gives ${printShape(shape)}`,
    );
  }
  const def = layerDefOf(kind)!;
  const outputShape = def.outputShape(where, config, [shape]);
  const weights = def.weights?.(config, [shape]) ?? [];
  return { name, kind, trainable, config, inputShape: shape, outputShape, weights };
}

/** A layer is a description, and what is made twice has weights of its own each time: not what a repetition looks like. */
function checkDistinct(layers: readonly unknown[]): void {
  layers.forEach((layer, index) => {
    const kind = typeof layer === 'object' && layer !== null && 'kind' in layer ? String(layer.kind) : undefined;
    if (kind === undefined || layerDefOf(kind) === undefined) {
      throw new OptionError(`sequential: layers[${index}]: expected a layer made by layers.*, got ${describe(layer)}`);
    }
    const other = layers.indexOf(layer);
    if (other !== index) {
      throw new OptionError(
        `sequential: layers[${index}] and layers[${other}] are one object; layers share no weights, make each anew`,
      );
    }
  });
}

/** The graph of a chain. */
export function buildGraph(architecture: Architecture, options: GraphOptions): Graph {
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
    shape: weight.storage?.shape ?? weight.shape,
    role: weight.trainable === false ? 'state' : trainable ? 'trainable' : 'frozen',
  }));
}

function freeName(kind: string, taken: ReadonlySet<string>): string {
  let name = kind;
  for (let number = 1; taken.has(name); number++) name = `${kind}_${number}`;
  return name;
}
