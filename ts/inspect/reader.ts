import type { NDArray } from '../ndarray.ts';
import type { BoundPlan } from '../plan/execute.ts';
import { rootOf, type Graph } from '../plan/graph.ts';

/** Copies what a plan computed out of its memory, by the names of the graph's tensors. */
export class Reader {
  readonly #graph: Graph;
  readonly #bound: BoundPlan;
  readonly #samples: number;
  readonly #buffers: ReadonlyMap<string, number>;
  readonly #tensors: ReadonlyMap<string, number>;

  constructor(graph: Graph, bound: BoundPlan, samples: number) {
    this.#graph = graph;
    this.#bound = bound;
    this.#samples = samples;
    this.#buffers = new Map(bound.plan.buffers.map(({ name }, index) => [name, index]));
    this.#tensors = new Map(graph.tensors.map(({ name }, index) => [name, index]));
  }

  /** True when the graph has a tensor of this name. */
  has(tensor: string): boolean {
    return this.#tensors.has(tensor);
  }

  /** A tensor's values, in its own shape where it shares another one's memory. */
  value(tensor: string): NDArray<Float32Array> | undefined {
    return this.#ofRoot(tensor, '');
  }

  /** The gradient of a tensor; undefined where there was none to compute. */
  gradient(tensor: string): NDArray<Float32Array> | undefined {
    return this.#ofRoot(tensor, ':grad');
  }

  /** A buffer of integers. */
  positions(name: string): NDArray<Int32Array> | undefined {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) return undefined;
    return { data: this.#bound.i32(buffer, this.#samples).slice(), shape: this.#shapeOf(buffer) };
  }

  /** A buffer by its own name. */
  named(name: string): NDArray<Float32Array> | undefined {
    const buffer = this.#buffers.get(name);
    return buffer === undefined ? undefined : this.buffer(buffer);
  }

  /** A buffer by its index. */
  buffer(index: number): NDArray<Float32Array> {
    return { data: this.#bound.f32(index, this.#samples).slice(), shape: this.#shapeOf(index) };
  }

  #ofRoot(tensor: string, suffix: string): NDArray<Float32Array> | undefined {
    const index = this.#tensors.get(tensor);
    if (index === undefined) return undefined;
    const { shape } = this.#graph.tensors[index]!;
    const found = this.named(this.#graph.tensors[rootOf(this.#graph, index)]!.name + suffix);
    return found && { data: found.data, shape: [this.#samples, ...shape] };
  }

  #shapeOf(buffer: number): number[] {
    const { shape, perSample } = this.#bound.plan.buffers[buffer]!;
    return perSample ? [this.#samples, ...shape] : [...shape];
  }
}
