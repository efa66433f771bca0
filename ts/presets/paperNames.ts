import type { LayerInfo } from '../model/architecture.ts';

/** What has a name: values and sensitivities of a layer, and its weights (a gradient is `d` before the weight's name). */
export type PaperValue = 'a' | 'z' | 't' | 'positions' | 'delta' | 'up' | 'kernel' | 'bias';

type Names = Readonly<Partial<Record<PaperValue, string>>>;

/** MODEL section 1. `flatten` copies T and has no names of its own. */
const threeLayer: Readonly<Record<string, Names>> = {
  conv1: { kernel: 'W', bias: 'b', a: 'A', z: 'Z', delta: 'd1' },
  pool1: { t: 'T', positions: 'positions', delta: 'd2', up: 'up(d2)' },
  flatten: {},
  fc1: { kernel: 'Wt', bias: 'bt', a: 'Q', z: 'V', delta: 'd3' },
  out: { kernel: 'Wb', bias: 'bb', a: 'U', z: 'Yh', delta: 'd4' },
};

/**
 * MODEL section 4, the hat for what belongs to the second convolution. The paper has no symbols for the second fully
 * connected layer, which goes by a 2, and numbers no deltas: each goes by what the loss is differentiated by.
 */
const fiveLayer: Readonly<Record<string, Names>> = {
  conv1: { kernel: 'W', bias: 'b', a: 'A', z: 'Z', delta: 'dA' },
  pool1: { t: 'T', positions: 'positions', delta: 'dT', up: 'up(dT)' },
  conv2: { kernel: 'Wh', bias: 'bh', a: 'M', z: 'Zh', delta: 'dM' },
  pool2: { t: 'Th', positions: 'positionsh', delta: 'dTh', up: 'up(dTh)' },
  flatten: {},
  fc1: { kernel: 'Wt', bias: 'bt', a: 'Q', z: 'V', delta: 'dQ' },
  fc2: { kernel: 'Wt2', bias: 'bt2', a: 'Q2', z: 'V2', delta: 'dQ2' },
  out: { kernel: 'Wb', bias: 'bb', a: 'U', z: 'Yh', delta: 'dU' },
};

/** Of layers that the paper does not have, behind the layer's own name. */
const others: Readonly<Record<PaperValue, string>> = {
  a: 'a',
  z: 'z',
  t: 't',
  positions: 'argmax',
  delta: 'delta',
  up: 'up',
  kernel: 'W',
  bias: 'b',
};

/**
 * The paper's name of each value of a layer, for models whose layers are named as in the presets; `<layer>.W`,
 * `<layer>.b`, `<layer>.a`, `<layer>.z`, `<layer>.t`, `<layer>.argmax`, `<layer>.delta`, `<layer>.up` for every layer of
 * another name. Undefined for what has none.
 */
export function paperNamesOf(
  layers: readonly Pick<LayerInfo, 'name'>[],
): (layer: string, value: PaperValue) => string | undefined {
  const named = layers.some(({ name }) => name === 'conv2') ? fiveLayer : threeLayer;
  return (layer, value) => {
    if (Object.hasOwn(named, layer)) return named[layer]![value];
    return Object.hasOwn(others, value) ? `${layer}.${others[value]}` : undefined;
  };
}

/** The name of a weight's gradient: `dW`, `conv3.dW`. */
export function gradientName(weight: string): string {
  const dot = weight.lastIndexOf('.');
  return `${weight.slice(0, dot + 1)}d${weight.slice(dot + 1)}`;
}
