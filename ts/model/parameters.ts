import type { Engine } from '../engine/engine.ts';
import { ShapeError } from '../errors.ts';
import { checkFloat32, describe, type NDArray } from '../ndarray.ts';
import { BufferTable, type OptimizerState } from '../plan/buffers.ts';
import type { BlockName, PlanBuffer } from '../plan/plan.ts';
import { sizeOf } from '../shape.ts';
import { graphWeights, type Architecture } from './architecture.ts';
import { distributionOf } from './initializers.ts';
import { fromStorage, toStorage, whereOf, type WeightSpec } from './layer.ts';
import { Random } from './random.ts';

/** Blocks that live as long as the model. */
export type ModelBlocks = Record<Exclude<BlockName, 'work'>, number>;

/** One weight in its place. */
export interface PlacedWeight {
  layer: string;
  where: string;
  spec: WeightSpec;
  value: PlanBuffer;
  /** None for weights that are not trained. */
  gradient: PlanBuffer | undefined;
}

/** A model's weights and gradients in an engine's memory. */
export class Parameters {
  readonly engine: Engine;
  readonly weights: readonly PlacedWeight[];
  readonly #table = new BufferTable(1, false);
  readonly #bytes: ModelBlocks;
  readonly #addresses: ModelBlocks = { parameters: 0, gradients: 0, state: 0, optimizer: 0 };
  #disposed = false;

  constructor(engine: Engine, architecture: Architecture, seed: number) {
    this.engine = engine;
    const graph = architecture.layers.flatMap((layer) =>
      graphWeights(layer).map((weight, i) => ({ layer, weight, spec: layer.weights[i]! })),
    );
    const { values, gradients } = this.#table.parameters(graph.map(({ weight }) => weight));
    const { buffers, blockBytes } = this.#table.layOut();
    this.#bytes = { ...blockBytes };
    this.weights = graph.map(({ layer, spec }, i) => ({
      layer: layer.name,
      where: whereOf(layer.kind, layer.name),
      spec,
      value: buffers[values[i]!]!,
      gradient: gradients[i] === undefined ? undefined : buffers[gradients[i]],
    }));
    try {
      this.#addresses.parameters = engine.alloc(blockBytes.parameters);
      this.#addresses.state = engine.alloc(blockBytes.state);
      this.weights.forEach((weight, stream) => this.#initialize(weight, new Random(seed, stream)));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Addresses of the blocks. */
  get addresses(): Readonly<ModelBlocks> {
    return this.#addresses;
  }

  /** Bytes of all blocks. */
  get byteLength(): number {
    return Object.values(this.#bytes).reduce((sum, bytes) => sum + bytes, 0);
  }

  get parameterBytes(): number {
    return this.#bytes.parameters;
  }

  /** Size of the block of gradients, which is there only once it was asked for. */
  get gradientBytes(): number {
    return this.#bytes.gradients;
  }

  /** Makes the block of gradients at least so large. It may move, and what it held is then lost. */
  provideGradients(byteLength: number): void {
    if (byteLength <= this.#bytes.gradients) return;
    if (this.#addresses.gradients !== 0) this.engine.free(this.#addresses.gradients);
    // Forgotten before the new one is asked for, as that may fail.
    this.#addresses.gradients = 0;
    this.#bytes.gradients = 0;
    this.#addresses.gradients = this.engine.alloc(byteLength);
    this.#bytes.gradients = byteLength;
  }

  /** Gives the optimizer a zeroed block for what it keeps, unless it has one. Nothing changes when memory is short. */
  provideOptimizer(state: OptimizerState): void {
    const byteLength = this.#table.optimizerBytes(state);
    if (this.#addresses.optimizer !== 0 || byteLength === 0) return;
    this.#addresses.optimizer = this.engine.alloc(byteLength);
    this.#bytes.optimizer = byteLength;
  }

  /** Drops what the optimizer kept. */
  dropOptimizer(): void {
    if (this.#addresses.optimizer !== 0) this.engine.free(this.#addresses.optimizer);
    this.#addresses.optimizer = 0;
    this.#bytes.optimizer = 0;
  }

  /** Whether there is a block of what an optimizer keeps: from its first step on. */
  get hasOptimizer(): boolean {
    return this.#addresses.optimizer !== 0;
  }

  /** View of one slot of a weight, in the layout in which the weight is kept; not to be kept. */
  slotView({ value }: PlacedWeight, slot: number): Float32Array {
    const address = this.#addresses.optimizer + this.#table.slotOffset(value.byteOffset, slot);
    return new Float32Array(this.engine.buffer, address, value.byteLength / 4);
  }

  /** View of one counter of a layer; not to be kept. */
  counterView(layer: string, index: number, state: OptimizerState): Int32Array {
    const address = this.#addresses.optimizer + this.#table.counterOffset(layer, index, state);
    return new Int32Array(this.engine.buffer, address, 1);
  }

  /** View of a buffer of one of the blocks; not to be kept. */
  view({ block, byteOffset, byteLength }: PlanBuffer): Float32Array {
    const address = this.#addresses[block as keyof ModelBlocks] + byteOffset;
    return new Float32Array(this.engine.buffer, address, byteLength / 4);
  }

  /** View of a whole block; not to be kept. */
  blockView(block: 'parameters' | 'gradients'): Float32Array {
    return new Float32Array(this.engine.buffer, this.#addresses[block], this.#bytes[block] / 4);
  }

  /** A weight or its gradient as its layer shows it; a copy. */
  read({ spec }: PlacedWeight, buffer: PlanBuffer): NDArray<Float32Array> {
    return { data: fromStorage(spec, this.view(buffer)), shape: [...spec.shape] };
  }

  /** Sets a weight to values in the layout in which its layer shows it. */
  write({ spec, value }: PlacedWeight, data: Float32Array): void {
    this.view(value).set(toStorage(spec, data));
  }

  /** Replaces all weights. Nothing is written unless every one has the right type, shape and length. */
  writeAll(values: readonly NDArray<Float32Array>[]): void {
    const count = Array.isArray(values) ? values.length : undefined;
    if (count !== this.weights.length) {
      const got = count ?? describe(values);
      throw new ShapeError(`setWeights: expected ${this.weights.length} arrays, got ${got}`);
    }
    this.weights.forEach(({ where, spec }, i) =>
      checkFloat32(`setWeights: ${where} ${spec.name}`, spec.shape, values[i]),
    );
    this.weights.forEach((weight, i) => this.write(weight, values[i]!.data));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const address of Object.values(this.#addresses)) if (address !== 0) this.engine.free(address);
  }

  /** Draws in the layout that is shown, so that the values do not hang on how a kernel keeps them. */
  #initialize(weight: PlacedWeight, random: Random): void {
    const { spec, value } = weight;
    const distribution = distributionOf(spec.initializer, spec.fanIn, spec.fanOut);
    // What is kept may hold more than what is shown; the rest stays zero.
    const view = this.view(value).subarray(0, sizeOf(spec.shape));
    if (distribution.kind === 'constant') {
      view.fill(distribution.value);
    } else {
      for (let i = 0; i < view.length; i++) view[i] = random.uniform();
    }
    if (distribution.kind === 'uniform') {
      const { low, high } = distribution;
      for (let i = 0; i < view.length; i++) view[i] = low + (high - low) * view[i]!;
    } else if (distribution.kind === 'normal') {
      const { mean, stddev, truncated } = distribution;
      const address = this.#addresses[value.block as keyof ModelBlocks] + value.byteOffset;
      this.engine.run((k) => k.normal_from_uniform(view.length, mean, stddev, truncated ? 1 : 0, address));
    }
    if (spec.storage !== undefined) this.write(weight, this.view(value).slice(0, sizeOf(spec.shape)));
  }
}
