import { sizeOf, type Shape } from '../shape.ts';
import type { GraphNode, GraphWeight } from './graph.ts';
import { align, ALIGNMENT, layOutMemory } from './memoryPlan.ts';
import type { BlockName, DType, Plan, PlanBuffer, Step } from './plan.ts';

const BYTES_PER_ELEMENT = 4;
const FOREVER = Number.MAX_SAFE_INTEGER;

interface Entry {
  buffer: PlanBuffer;
  first: number;
  last: number;
  /** Of parameters and gradients. */
  layer: string | undefined;
  /** Covers all of the layer's. */
  wholeLayer: boolean;
}

/** What an optimizer keeps from step to step, all of it in the `optimizer` block and zero before the first step. */
export interface OptimizerState {
  /** Float32 values for each parameter. */
  slots: number;
  /** Int32 values for each layer. */
  counters: number;
}

/** Buffers that cover all parameters of one layer, their gradients, and what the optimizer keeps for them. */
export interface LayerRange {
  parameter: number;
  gradient: number;
  slots: readonly number[];
  counters: readonly number[];
  /** Elements, alignment gaps between the layer's weights included. */
  size: number;
}

/** Buffers of a plan under construction, with the steps that touch them. */
export class BufferTable {
  readonly #entries: Entry[] = [];
  readonly #maxBatch: number;
  readonly #keepAll: boolean;
  readonly #layers = new Map<string, { ordinal: number; byteOffset: number; byteLength: number }>();
  readonly #blockBytes: Record<BlockName, number> = { parameters: 0, gradients: 0, state: 0, optimizer: 0, work: 0 };
  #nextStep = 0;

  constructor(maxBatch: number, keepAll: boolean) {
    this.#maxBatch = maxBatch;
    this.#keepAll = keepAll;
  }

  /** A work buffer with room for the largest batch. */
  perSample(name: string, shape: Shape, dtype: DType): number {
    const byteLength = this.#maxBatch * sizeOf(shape) * BYTES_PER_ELEMENT;
    return this.#add({ name, block: 'work', dtype, shape, perSample: true, byteOffset: 0, byteLength });
  }

  /**
   * Buffers of the weights and, for those that are trained, of their gradients: in the order given, both blocks with
   * the same offsets, each layer's range contiguous.
   */
  parameters(weights: readonly GraphWeight[]): { values: number[]; gradients: (number | undefined)[] } {
    const gradients: (number | undefined)[] = [];
    const values = weights.map(({ layer, name, shape, role }) => {
      const block = role === 'state' ? 'state' : 'parameters';
      const byteLength = sizeOf(shape) * BYTES_PER_ELEMENT;
      const byteOffset = this.#blockBytes[block];
      const buffer = {
        name: `${layer}/${name}`,
        dtype: 'float32' as const,
        shape,
        perSample: false,
        byteOffset,
        byteLength,
      };
      this.#blockBytes[block] += align(byteLength);
      if (block === 'parameters') this.#growLayer(layer, byteOffset, byteLength);
      const gradient = { ...buffer, name: `${layer}/${name}:grad`, block: 'gradients' as const };
      gradients.push(role === 'trainable' ? this.#add(gradient, layer) : undefined);
      return this.#add({ ...buffer, block }, layer);
    });
    return { values, gradients };
  }

  /**
   * The whole range of one layer's parameters, gradients and optimizer values. The optimizer's block holds the slots,
   * each as large as the parameters and in their order, and behind them the counters, one cache line each.
   */
  layerRange(layer: string, { slots, counters }: OptimizerState): LayerRange {
    const { byteOffset, byteLength } = this.#layers.get(layer)!;
    const size = byteLength / BYTES_PER_ELEMENT;
    const range = (block: BlockName, offset = byteOffset): number =>
      this.#add(
        {
          name: `${layer}:${block}`,
          block,
          dtype: 'float32',
          shape: [size],
          perSample: false,
          byteOffset: offset,
          byteLength,
        },
        layer,
        true,
      );
    const counter = (index: number): number =>
      this.#add({
        name: `${layer}:counter`,
        block: 'optimizer',
        dtype: 'int32',
        shape: [1],
        perSample: false,
        byteOffset: this.counterOffset(layer, index, { slots, counters }),
        byteLength: BYTES_PER_ELEMENT,
      });
    return {
      slots: Array.from({ length: slots }, (_, slot) => range('optimizer', this.slotOffset(byteOffset, slot))),
      counters: Array.from({ length: counters }, (_, index) => counter(index)),
      parameter: range('parameters'),
      gradient: range('gradients'),
      size,
    };
  }

  /** Offset in the optimizer's block of a slot for what lies at `byteOffset` among the parameters. */
  slotOffset(byteOffset: number, slot: number): number {
    return byteOffset + slot * this.#blockBytes.parameters;
  }

  /** Offset in the optimizer's block of a counter of a layer. */
  counterOffset(layer: string, index: number, { slots, counters }: OptimizerState): number {
    const { ordinal } = this.#layers.get(layer)!;
    return slots * this.#blockBytes.parameters + (ordinal * counters + index) * ALIGNMENT;
  }

  /** Size of the optimizer's block. */
  optimizerBytes({ slots, counters }: OptimizerState): number {
    return slots * this.#blockBytes.parameters + counters * this.#layers.size * ALIGNMENT;
  }

  shapeOf(buffer: number): Shape {
    return this.#entries[buffer]!.buffer.shape;
  }

  /** Records that the steps, which follow those touched before, use their operands. */
  touch(steps: readonly Step[]): void {
    for (const { operands } of steps) {
      for (const index of Object.values(operands)) {
        const entry = this.#entries[index]!;
        entry.first = Math.min(entry.first, this.#nextStep);
        entry.last = Math.max(entry.last, this.#nextStep);
      }
      this.#nextStep++;
    }
  }

  keepFromStart(buffers: readonly (number | undefined)[]): void {
    for (const index of buffers) if (index !== undefined) this.#entries[index]!.first = -1;
  }

  keepToEnd(buffers: readonly (number | undefined)[]): void {
    for (const index of buffers) if (index !== undefined) this.#entries[index]!.last = FOREVER;
  }

  /**
   * Gives every work buffer its offset. `gradients: 'flat'` keeps those of all layers at the offsets of the parameters;
   * `written` gives room only to layers whose gradients some step writes.
   */
  layOut(
    state: OptimizerState = { slots: 0, counters: 0 },
    gradients: 'flat' | 'written' = 'written',
  ): Pick<Plan, 'buffers' | 'blockBytes' | 'liveBytes'> {
    this.#blockBytes.gradients = gradients === 'flat' ? this.#blockBytes.parameters : this.#packGradients();
    const work = this.#entries.filter((entry) => entry.buffer.block === 'work');
    const layout = layOutMemory(
      work.map(({ buffer, first, last }) => ({
        byteLength: buffer.byteLength,
        // What no step touches still has a place of its own for one instant.
        first: this.#keepAll ? -1 : Math.min(first, last),
        last: this.#keepAll ? FOREVER : Math.max(last, -1),
      })),
    );
    work.forEach((entry, index) => (entry.buffer.byteOffset = layout.byteOffsets[index]!));
    return {
      buffers: this.#entries.map((entry) => entry.buffer),
      blockBytes: {
        ...this.#blockBytes,
        optimizer: this.optimizerBytes(state),
        work: layout.byteLength,
      },
      liveBytes: layout.liveBytes,
    };
  }

  #add(buffer: PlanBuffer, layer?: string, wholeLayer = false): number {
    return this.#entries.push({ buffer, first: FOREVER, last: -1, layer, wholeLayer }) - 1;
  }

  /**
   * Gives gradients that no step writes no memory; bytes of the others. Those of a layer that is updated over its whole
   * range stay beside each other.
   */
  #packGradients(): number {
    const gradients = this.#entries.filter((entry) => entry.buffer.block === 'gradients');
    let packed = 0;
    for (const [layer, { byteOffset, byteLength }] of this.#layers) {
      const own = gradients.filter((entry) => entry.layer === layer);
      if (own.some((entry) => entry.wholeLayer)) {
        for (const { buffer } of own) buffer.byteOffset += packed - byteOffset;
        packed += align(byteLength);
        continue;
      }
      for (const { buffer, last } of own) {
        const written = last >= 0;
        Object.assign(buffer, written ? { byteOffset: packed } : { byteOffset: 0, byteLength: 0 });
        if (written) packed += align(buffer.byteLength);
      }
    }
    return packed;
  }

  #growLayer(layer: string, byteOffset: number, byteLength: number): void {
    const { ordinal, byteOffset: start } = this.#layers.get(layer) ?? { ordinal: this.#layers.size, byteOffset };
    this.#layers.set(layer, { ordinal, byteOffset: start, byteLength: byteOffset + byteLength - start });
  }
}

/** Scratch buffers of a node by name, made when first asked for. `suffix` tells those of the two passes apart. */
export function scratchOf(node: GraphNode, table: BufferTable, suffix: string): (name: string) => number {
  const made = new Map<string, number>();
  return (name) => {
    const { shape, dtype } = node.scratch![name]!;
    let buffer = made.get(name);
    if (buffer === undefined) {
      made.set(name, (buffer = table.perSample(`${node.layer}/${name}${suffix}`, shape, dtype)));
    }
    return buffer;
  };
}
