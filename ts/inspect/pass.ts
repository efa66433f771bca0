import type { Dataset } from '../data/dataset.ts';
import { buildGraph, type Architecture } from '../model/architecture.ts';
import type { Parameters } from '../model/parameters.ts';
import { compilePlan } from '../plan/compile.ts';
import { BoundPlan } from '../plan/execute.ts';
import type { Graph } from '../plan/graph.ts';
import { sequentialOrder, stageBatch } from '../train/batches.ts';
import type { Compiled } from '../train/session.ts';
import { Reader } from './reader.ts';

/**
 * An unfused plan of a model's graph for one batch, in memory of its own, in which every value stays. The model's weights
 * are read where they are, its gradients left alone.
 */
export class UnfusedPass {
  readonly graph: Graph;
  readonly bound: BoundPlan;
  readonly samples: number;
  readonly #release: () => void;
  readonly #compiled: Pick<Compiled, 'loss' | 'winograd'>;

  /** `where` names the method in messages. */
  constructor(
    where: string,
    architecture: Architecture,
    parameters: Parameters,
    compiled: Pick<Compiled, 'loss' | 'winograd'>,
    dataset: Dataset,
  ) {
    const { engine } = parameters;
    this.samples = dataset.size;
    this.#compiled = compiled;
    this.graph = buildGraph(architecture, { training: true, fuse: false, winograd: compiled.winograd });
    const plan = compilePlan(this.graph, {
      maxBatch: this.samples,
      loss: compiled.loss.lower(this.graph),
      backward: true,
      inputGradients: true,
      keepAll: true,
    });
    const allocations: number[] = [];
    let bound: BoundPlan | undefined;
    this.#release = () => {
      bound?.dispose();
      if (engine.state === 'live') for (const address of allocations) engine.free(address);
    };
    const alloc = (byteLength: number): number => {
      const address = engine.alloc(byteLength);
      allocations.push(address);
      return address;
    };
    try {
      const [work, gradients] = [alloc(plan.blockBytes.work), alloc(plan.blockBytes.gradients)];
      bound = new BoundPlan(engine, plan, { ...parameters.addresses, work, gradients }, () => 0);
      stageBatch(where, bound, dataset, sequentialOrder(this.samples));
    } catch (error) {
      this.#release();
      throw error;
    }
    this.bound = bound;
  }

  /** Runs the forward pass on the weights and inputs as they are now; the loss, as `evaluate` gives it. */
  loss(): number {
    this.bound.forward(this.samples);
    const sum = this.bound.loss(this.samples);
    return this.#compiled.loss.reduction === 'sum' ? sum : sum / this.samples;
  }

  /** Runs the backward pass behind {@link loss}; what reads its results. */
  backward(): Reader {
    this.bound.backward(this.samples);
    return new Reader(this.graph, this.bound, this.samples);
  }

  dispose(): void {
    this.#release();
  }
}
