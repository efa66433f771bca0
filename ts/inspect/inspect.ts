import type { Dataset } from '../data/dataset.ts';
import type { Architecture } from '../model/architecture.ts';
import { fromStorage } from '../model/layer.ts';
import type { Parameters } from '../model/parameters.ts';
import type { NDArray } from '../ndarray.ts';
import { withPaperValues, type PaperValues } from '../presets/paperValues.ts';
import type { Compiled } from '../train/session.ts';
import { UnfusedPass } from './pass.ts';
import type { Reader } from './reader.ts';

/** Values of one layer; arrays are per sample, `[N, ...]`, NHWC, and copies. Which there are depends on the layer. */
export interface LayerInspection {
  /** Before the activation (convolution, dense). */
  a?: NDArray<Float32Array>;
  /** After the activation; the same numbers as `a` where that is linear. */
  z?: NDArray<Float32Array>;
  /** Output of pooling or flatten. */
  t?: NDArray<Float32Array>;
  /** Of each maximum, `row * width + column` in the unpadded plane; -1 where padding won. */
  positions?: NDArray<Int32Array>;
  /**
   * How the loss changes with the layer's value, one row per sample: dE/da, for pooling and flatten dE/dt, for an
   * `activation` layer dE/dz. None for a softmax layer that the loss is fused with.
   */
  delta?: NDArray<Float32Array>;
  /** Pooling: dE/d(its input), the deltas at the recorded positions and 0 elsewhere. */
  up?: NDArray<Float32Array>;
  /** By the weight's name, summed over the batch, in the layout of `getWeights()`; none for frozen weights. */
  gradients: Record<string, NDArray<Float32Array>>;
}

/** Everything that one forward and backward pass computes. */
export interface Inspection {
  /** As `evaluate` gives it: the sum or the mean of `sampleLosses`. */
  loss: number;
  sampleLosses: NDArray<Float32Array>;
  /** The model's output. */
  output: NDArray<Float32Array>;
  layers: Record<string, LayerInspection>;
  /** dE/dx. */
  inputGradient: NDArray<Float32Array>;
  /**
   * The same by the paper's names and in its layouts, made when first read: `A`, `Z`, `T`, `positions`, `Q`, `V`, `U`,
   * `Yh`, `d4` to `d1`, `up(d2)`, `dW`, `db`, `dWt`, `dbt`, `dWb`, `dbb`, `dX`, `E` for the three-layer network; see
   * `paperNames.ts` for the five-layer one. Layers that are not named as in the presets go by `<layer>.a` and so on.
   */
  readonly paper: PaperValues;
}

/** Runs an {@link UnfusedPass} of a model, and copies out what it leaves. */
export function inspectBatch(
  architecture: Architecture,
  parameters: Parameters,
  compiled: Pick<Compiled, 'loss' | 'winograd'>,
  dataset: Dataset,
): Inspection {
  const pass = new UnfusedPass('inspect', architecture, parameters, compiled, dataset);
  try {
    const loss = pass.loss();
    const reader = pass.backward();
    const { plan } = pass.bound;
    const inspection = {
      loss,
      sampleLosses: reader.buffer(plan.sampleLoss!),
      output: reader.value(pass.graph.tensors[pass.graph.outputs[0]!]!.name)!,
      layers: inspectLayers(architecture, parameters, reader),
      inputGradient: reader.buffer(plan.inputGradients[0]!),
    };
    return withPaperValues(architecture.layers, inspection);
  } finally {
    pass.dispose();
  }
}

function inspectLayers(
  architecture: Architecture,
  parameters: Parameters,
  reader: Reader,
): Record<string, LayerInspection> {
  const layers: Record<string, LayerInspection> = {};
  // Name of the value that goes into the layer at hand: where the gradient of a pooling's input is found.
  let input = 'x';
  for (const { name, kind } of architecture.layers) {
    const layer: LayerInspection = { gradients: weightGradients(name, parameters, reader) };
    const own = ['a', 't', 'z'].map((value) => `${name}/${value}`).filter((value) => reader.has(value));
    const a = reader.value(`${name}/a`);
    assign(layer, 'a', a);
    assign(layer, 'z', reader.value(`${name}/z`) ?? (a && { data: a.data.slice(), shape: [...a.shape] }));
    assign(layer, 't', reader.value(`${name}/t`));
    assign(layer, 'positions', reader.positions(`${name}/positions`));
    if (own.length > 0) assign(layer, 'delta', reader.gradient(own[0]!));
    if (kind === 'maxPooling2d') assign(layer, 'up', reader.gradient(input));
    layers[name] = layer;
    input = own.at(-1) ?? input;
  }
  return layers;
}

/** Sets a value that is there; the others stay absent rather than undefined. */
function assign<Key extends keyof LayerInspection>(
  layer: LayerInspection,
  key: Key,
  value: LayerInspection[Key],
): void {
  if (value !== undefined) layer[key] = value;
}

/** Gradients of a layer's weights, as `getWeights()` shows these. */
export function weightGradients(layer: string, parameters: Parameters, reader: Reader): LayerInspection['gradients'] {
  const entries = parameters.weights
    .filter((weight) => weight.layer === layer && weight.gradient !== undefined)
    .map(({ spec }) => {
      const { data } = reader.named(`${layer}/${spec.name}:grad`)!;
      return [spec.name, { data: fromStorage(spec, data), shape: [...spec.shape] }] as const;
    });
  return Object.fromEntries(entries);
}
