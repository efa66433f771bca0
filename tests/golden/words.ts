import { layers, type Layer } from '../../ts/entrypoints/node.ts';

/** A layer as a file describes it, in the library's words. */
export interface LayerSpec {
  kind: string;
  options: Record<string, unknown>;
}

type Fields = Record<string, unknown>;

/** Throws for options that the format does not have, so that none is passed over. */
export function checkKnown(what: string, fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${what}: unknown option ${unknown}; known: ${known.join(', ')}`);
}

/** `value`, when it is one of the words. */
export function oneOf<T extends string>(what: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined)
    throw new Error(`${what}: expected one of ${words.join(', ')}, got ${JSON.stringify(value)}`);
  return found;
}

/** Activations that work element by element; `identity` is the library's `linear`, under both names. */
export function activationOf(what: string, value: unknown): string {
  return oneOf(what, value, ['identity', 'linear', 'relu', 'sigmoid', 'tanh']);
}

/** A convolution of MODEL section 2 without its sizes, from the fields that layers and single operations share. */
export function convSpec(what: string, fields: Fields): LayerSpec {
  const kernelMode = oneOf(`${what}: kernelMode`, fields.kernelMode, ['convolution', 'correlation']);
  const channelMode = oneOf(`${what}: channelMode`, fields.channelMode, ['full', 'shared']);
  if (fields.stride === undefined) throw new Error(`${what}: stride is missing`);
  return { kind: 'conv2d', options: { kernelMode, channelMode, strides: fields.stride } };
}

/** A pooling of MODEL section 2, with the defaults given there. */
export function poolSpec(what: string, fields: Fields): LayerSpec {
  const { size, rounding = 'ceil', padSide = 'end', padValue = 'zero' } = fields;
  if (size === undefined) throw new Error(`${what}: size is missing`);
  return { kind: 'maxPooling2d', options: { poolSize: size, rounding, padSide, padValue } };
}

/** Makes a layer; the library throws for values, or options of its own, that it does not take. */
export function makeLayer(kind: string, options: Fields): Layer {
  const factories: Record<string, unknown> = layers;
  if (!Object.hasOwn(factories, kind)) {
    throw new Error(`unknown layer type ${JSON.stringify(kind)}; known: ${Object.keys(factories).join(', ')}`);
  }
  return (factories[kind] as (options: Fields) => Layer)(options);
}
