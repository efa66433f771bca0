import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';
import { boolean, checkKnown } from '../options.ts';
import type { GraphBuilder } from '../plan/graph.ts';
import { checkShape, type Shape } from '../shape.ts';
import type { Initializer } from './initializers.ts';

/** Options that every layer takes. */
export interface LayerOptions {
  /** Unique within a model; default the kind with a number, e.g. `conv2d_1`. */
  name?: string;
  /** `false` freezes the layer's weights. Default `true`. */
  trainable?: boolean;
  /** Shape of one sample, for the first layer of a model without `layers.input`. */
  inputShape?: Shape;
}

/** A layer as plain data: what `layers.conv2d({...})` returns and what a saved model holds. */
export interface Layer<Config = unknown> {
  readonly kind: string;
  readonly name: string | undefined;
  readonly trainable: boolean;
  readonly inputShape: Shape | undefined;
  /** The layer's own options, defaults filled in. */
  readonly config: Config;
}

/** How a weight is kept where that differs from how it is shown. Both directions return new arrays. */
export interface StorageLayout {
  /** Of what is kept; may hold more elements than what is shown. */
  shape: Shape;
  toStorage(values: Float32Array): Float32Array;
  fromStorage(values: Float32Array): Float32Array;
}

/** A weight of a layer, in the layout in which it is shown. */
export interface WeightSpec {
  name: string;
  shape: Shape;
  initializer: Initializer;
  fanIn: number;
  fanOut: number;
  /** Default true; false for values that only forward passes change. */
  trainable?: boolean;
  storage?: StorageLayout;
}

/** What is kept of a weight with these values; the same array where it is kept as it is shown. */
export function toStorage({ storage }: WeightSpec, values: Float32Array): Float32Array {
  return storage?.toStorage(values) ?? values;
}

/** The values of a weight of which `kept` is kept; a copy. */
export function fromStorage({ storage }: WeightSpec, kept: Float32Array): Float32Array {
  return storage?.fromStorage(kept) ?? kept.slice();
}

/** What a layer works with while it adds its nodes to a graph. */
export interface LowerContext<Config> {
  name: string;
  /** `conv2d "conv1"`, for messages. */
  where: string;
  config: Config;
  inputs: readonly number[];
  builder: GraphBuilder;
  /** Indices of the layer's weights in the graph, by name. */
  weights: Readonly<Record<string, number>>;
}

/**
 * A kind of layer. Adding one is a file with such an object, its line in `layers/index.ts` and its row in
 * `tests/layerCases.ts`.
 */
export interface LayerDef<Config = unknown> {
  kind: string;
  /** Names of its own options. */
  options: readonly string[];
  /** Checks the options and fills in defaults. The result is plain data and is taken as options again. */
  configure(where: string, options: Readonly<Record<string, unknown>>): Config;
  /** Shape of one output sample. Throws a ShapeError for inputs it cannot take. */
  outputShape(where: string, config: Config, inputs: readonly Shape[]): Shape;
  weights?(config: Config, inputs: readonly Shape[]): WeightSpec[];
  /** Adds its nodes; returns the output tensor. */
  lower(context: LowerContext<Config>): number;
}

/** `conv2d "conv1"`, or `conv2d` for a layer without a name. */
export function whereOf(kind: string, name: string | undefined): string {
  return name === undefined ? kind : `${kind} ${JSON.stringify(name)}`;
}

/** Makes a layer of a kind from a user's options. Throws an OptionError for what it does not know or cannot take. */
export function makeLayer<Config>(def: LayerDef<Config>, options: LayerOptions & object): Layer<Config> {
  checkKnown(def.kind, options, ['name', 'trainable', 'inputShape', ...def.options]);
  const { name, trainable = true, inputShape, ...own } = options;
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new OptionError(`${def.kind}: name must be a non-empty string, got ${describe(name)}`);
  }
  const where = whereOf(def.kind, name);
  if (inputShape !== undefined) checkShape(`${where}: inputShape`, inputShape);
  return {
    kind: def.kind,
    name,
    trainable: boolean(where, 'trainable', trainable),
    inputShape: inputShape === undefined ? undefined : [...inputShape],
    config: def.configure(where, own),
  };
}
