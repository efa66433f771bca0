import { layers, type Layer } from '../../ts/entrypoints/node.ts';
import { addDef } from '../../ts/layers/add.ts';
import { layerDefOf } from '../../ts/layers/index.ts';
import { makeLayer, whereOf } from '../../ts/model/layer.ts';
import { GraphBuilder, type Graph, type GraphWeight } from '../../ts/plan/graph.ts';

/** Adds a layer to a graph; used again under its name, it shares its weights. Returns its output tensor. */
export function addLayer(
  builder: GraphBuilder,
  layer: Layer,
  name: string,
  inputs: readonly number[],
  role: GraphWeight['role'] = 'trainable',
): number {
  const def = layerDefOf(layer.kind)!;
  const shapes = inputs.map((tensor) => builder.tensor(tensor).shape);
  const where = whereOf(layer.kind, name);
  // For its refusals: `lower` takes shapes that have passed.
  def.outputShape(where, layer.config, shapes);
  const specs = def.weights?.(layer.config, shapes) ?? [];
  const weights = specs.map(({ name: weight, shape, storage }) => [
    weight,
    builder.weight({ layer: name, name: weight, shape: storage?.shape ?? shape, role }),
  ]);
  const context = { name, where, config: layer.config, inputs, builder };
  return def.lower({ ...context, weights: Object.fromEntries(weights) as Record<string, number> });
}

/**
 * Two inputs through one shared dense layer, each output added to something: `r = shared(a) + a`, `s = r + shared(b)`,
 * `out = head(s)`.
 */
export function residualGraph(fuse = true): Graph {
  const builder = new GraphBuilder({ training: true, fuse });
  const [a, b] = [builder.input('a', [3]), builder.input('b', [3])];
  const shared = layers.dense({ units: 3, activation: 'tanh' });
  const add = makeLayer(addDef, {});
  const [fromA, fromB] = [addLayer(builder, shared, 'shared', [a]), addLayer(builder, shared, 'shared', [b])];
  const residual = addLayer(builder, add, 'residual', [fromA, a]);
  const sum = addLayer(builder, add, 'sum', [residual, fromB]);
  return builder.finish([addLayer(builder, layers.dense({ units: 2 }), 'head', [sum])]);
}
