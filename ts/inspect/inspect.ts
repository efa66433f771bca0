import type { Dataset } from '../data/dataset.ts';
import type { Loss } from '../losses/loss.ts';
import { buildGraph, type Architecture } from '../model/architecture.ts';
import type { Parameters, PlacedWeight } from '../model/parameters.ts';
import type { NDArray } from '../ndarray.ts';
import { compilePlan } from '../plan/compile.ts';
import { BoundPlan } from '../plan/execute.ts';
import type { Plan, PlanBuffer } from '../plan/plan.ts';
import { sequentialOrder, stageBatch } from '../train/batches.ts';

/** Values of one layer; arrays are per sample, `[N, ...]`, NHWC, and copies. Which there are depends on the layer. */
export interface LayerInspection {
  /** Before the activation (convolution, dense). */
  a?: NDArray<Float32Array>;
  /** After the activation. */
  z?: NDArray<Float32Array>;
  /** Output of pooling or flatten. */
  t?: NDArray<Float32Array>;
  /** Of each maximum, `row * width + column` in the unpadded plane; -1 where padding won. */
  positions?: NDArray<Int32Array>;
  /** dE/da, or dE/dt: how the loss changes with it, one row per sample. */
  delta?: NDArray<Float32Array>;
  /** Pooling: dE/d(its input), the deltas at the recorded positions and 0 elsewhere. */
  up?: NDArray<Float32Array>;
  /** By the weight's name, summed over the batch, in the layout of `getWeights()`. */
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
}

/**
 * Runs an unfused plan of the same graph in memory of its own, in which every value stays. The model's weights are
 * read, its gradients left alone.
 */
export function inspectBatch(architecture: Architecture, parameters: Parameters, loss: Loss, dataset: Dataset): Inspection {
  const { engine } = parameters;
  const samples = dataset.size;
  const graph = buildGraph(architecture, { training: true, fuse: false });
  const plan = compilePlan(graph, {
    maxBatch: Math.max(1, samples),
    loss: loss.lower(graph),
    backward: true,
    inputGradients: true,
    keepAll: true,
  });
  const work = engine.alloc(plan.blockBytes.work);
  const gradients = engine.alloc(plan.blockBytes.gradients);
  let bound: BoundPlan | undefined;
  try {
    bound = new BoundPlan(engine, plan, { ...parameters.addresses, work, gradients }, () => 0);
    stageBatch('inspect', bound, dataset, sequentialOrder(samples));
    bound.forward(samples);
    const sum = bound.loss(samples);
    bound.backward(samples);
    return collect(architecture, parameters, new Reader(bound, samples), loss.reduction === 'sum' ? sum : sum / samples);
  } finally {
    bound?.dispose();
    engine.free(work);
    engine.free(gradients);
  }
}

/** Copies buffers out of a plan that ran, by name. */
class Reader {
  readonly plan: Plan;
  readonly #bound: BoundPlan;
  readonly #samples: number;
  readonly #byName: Map<string, number>;

  constructor(bound: BoundPlan, samples: number) {
    this.#bound = bound;
    this.#samples = samples;
    this.plan = bound.plan;
    this.#byName = new Map(bound.plan.buffers.map((buffer, index) => [buffer.name, index]));
  }

  f32(name: string): NDArray<Float32Array> | undefined {
    const buffer = this.#byName.get(name);
    return buffer === undefined ? undefined : this.copy(buffer);
  }

  i32(name: string): NDArray<Int32Array> | undefined {
    const buffer = this.#byName.get(name);
    if (buffer === undefined) return undefined;
    return { data: this.#bound.i32(buffer, this.#samples).slice(), shape: this.#shape(buffer) };
  }

  copy(buffer: number): NDArray<Float32Array> {
    return { data: this.#bound.f32(buffer, this.#samples).slice(), shape: this.#shape(buffer) };
  }

  #shape(buffer: number): number[] {
    const { shape, perSample } = this.plan.buffers[buffer] as PlanBuffer;
    return perSample ? [this.#samples, ...shape] : [...shape];
  }
}

function collect(architecture: Architecture, parameters: Parameters, reader: Reader, loss: number): Inspection {
  const layers: Record<string, LayerInspection> = {};
  // Name of the value that goes into the layer at hand: where the gradient of a pooling's input is found.
  let input = 'x';
  for (const { name, kind } of architecture.layers) {
    const layer: LayerInspection = { gradients: weightGradients(name, parameters, reader) };
    const own = ['a', 't', 'z'].filter((value) => reader.f32(`${name}/${value}`) !== undefined);
    const a = reader.f32(`${name}/a`);
    const z = reader.f32(`${name}/z`) ?? a;
    const t = reader.f32(`${name}/t`);
    const positions = reader.i32(`${name}/positions`);
    const delta = reader.f32(`${name}/${own[0]}:grad`);
    if (a !== undefined) layer.a = a;
    if (z !== undefined) layer.z = z;
    if (t !== undefined) layer.t = t;
    if (delta !== undefined) layer.delta = delta;
    if (positions !== undefined) layer.positions = positions;
    const up = kind === 'maxPooling2d' ? reader.f32(`${input}:grad`) : undefined;
    if (up !== undefined) layer.up = up;
    layers[name] = layer;
    if (own.length > 0) input = `${name}/${own.at(-1)}`;
  }
  const [prediction] = reader.plan.outputs;
  return {
    loss,
    sampleLosses: reader.copy(reader.plan.sampleLoss!),
    output: reader.f32(input) ?? reader.copy(prediction!),
    layers,
    inputGradient: reader.copy(reader.plan.inputGradients[0]!),
  };
}

function weightGradients(layer: string, parameters: Parameters, reader: Reader): Record<string, NDArray<Float32Array>> {
  const entries = parameters.weights
    .filter((weight) => weight.layer === layer && weight.gradient !== undefined)
    .map(({ spec }: PlacedWeight) => {
      const stored = reader.f32(`${layer}/${spec.name}:grad`)!;
      return [spec.name, { data: spec.storage?.fromStorage(stored.data) ?? stored.data, shape: spec.shape }] as const;
    });
  return Object.fromEntries(entries);
}
