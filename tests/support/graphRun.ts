import type { Engine } from '../../ts/entrypoints/node.ts';
import { halfSquaredError } from '../../ts/losses/halfSquaredError.ts';
import { compilePlan } from '../../ts/plan/compile.ts';
import { BoundPlan } from '../../ts/plan/execute.ts';
import type { Graph } from '../../ts/plan/graph.ts';
import type { BlockName, Plan } from '../../ts/plan/plan.ts';

/** A graph compiled and in memory of its own, below the public API: buffers by name, half sum of squares as loss. */
export class GraphRun {
  readonly plan: Plan;
  readonly #engine: Engine;
  readonly #samples: number;
  readonly #bound: BoundPlan;
  readonly #addresses: Record<BlockName, number>;

  /** `keepAll`: nothing shares memory, so every value can be read after the run. */
  constructor(engine: Engine, graph: Graph, samples: number, { keepAll = true, backward = true } = {}) {
    this.#engine = engine;
    this.#samples = samples;
    const loss = halfSquaredError().lower(graph);
    this.plan = compilePlan(graph, { maxBatch: samples, loss, backward, inputGradients: backward, keepAll });
    const blocks = Object.entries(this.plan.blockBytes).map(([name, bytes]) => [name, engine.alloc(bytes)] as const);
    this.#addresses = Object.fromEntries(blocks) as Record<BlockName, number>;
    this.#bound = new BoundPlan(engine, this.plan, this.#addresses, () => 0);
  }

  /** Names of all buffers. */
  get names(): string[] {
    return this.plan.buffers.map(({ name }) => name);
  }

  /** A copy of a buffer; of integers as they are. */
  get(name: string): Float32Array | Int32Array {
    const index = this.#indexOf(name);
    const { dtype } = this.plan.buffers[index]!;
    const view = dtype === 'int32' ? this.#bound.i32(index, this.#samples) : this.#bound.f32(index, this.#samples);
    return view.slice();
  }

  /** A copy of the output. */
  output(): Float32Array {
    return this.#bound.f32(this.plan.outputs[0]!, this.#samples).slice();
  }

  /** A copy of dE/d(input), wherever it lies. */
  inputGradient(input: number): Float32Array {
    return this.#bound.f32(this.plan.inputGradients[input]!, this.#samples).slice();
  }

  /** Overwrites a buffer of floats. */
  set(name: string, values: ArrayLike<number>): void {
    this.#bound.f32(this.#indexOf(name), this.#samples).set(values);
  }

  /** The loss, summed in float64 over the outputs as they are: less rounding than the kernel's. */
  loss(): number {
    this.#bound.forward(this.#samples);
    const output = this.#bound.f32(this.plan.outputs[0]!, this.#samples);
    const target = this.#bound.f32(this.plan.target!, this.#samples);
    return output.reduce((sum, value, i) => sum + (value - target[i]!) ** 2 / 2, 0);
  }

  /** Forward, loss and backward. */
  backward(): void {
    this.#bound.forward(this.#samples);
    this.#bound.loss(this.#samples);
    this.#bound.backward(this.#samples);
  }

  /** dE/d(buffer) by central differences: `(E(v + h) - E(v - h)) / 2h` for each entry. */
  numericGradient(name: string, h: number): Float64Array {
    const values = this.get(name);
    const changed = values.slice();
    const gradient = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const at = (value: number): number => {
        changed[i] = value;
        this.set(name, changed);
        return this.loss();
      };
      gradient[i] = (at(values[i]! + h) - at(values[i]! - h)) / (2 * h);
      changed[i] = values[i]!;
    }
    this.set(name, values);
    return gradient;
  }

  dispose(): void {
    this.#bound.dispose();
    for (const address of Object.values(this.#addresses)) this.#engine.free(address);
  }

  #indexOf(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new Error(`no buffer ${name}; there are ${this.names.join(', ')}`);
    return index;
  }
}
