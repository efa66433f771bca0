import type { Engine } from '../engine/engine.ts';
import type { Loss } from '../losses/loss.ts';
import { rateOf, type Optimizer } from '../optimizers/optimizer.ts';
import { buildGraph, type Architecture } from '../model/architecture.ts';
import type { Parameters } from '../model/parameters.ts';
import { compilePlan } from '../plan/compile.ts';
import { BoundPlan } from '../plan/execute.ts';
import type { Plan } from '../plan/plan.ts';

/** What a plan is for. `evaluate` has the loss but no backward pass. */
export type Purpose = 'train' | 'evaluate' | 'predict';

/** What `compile` was given. */
export interface Compiled {
  loss: Loss;
  optimizer: Optimizer;
}

/** The plan of an architecture for a purpose and a largest batch. */
export function makePlan(
  architecture: Architecture,
  purpose: Purpose,
  maxBatch: number,
  compiled?: Compiled,
): Plan {
  const graph = buildGraph(architecture, { training: purpose === 'train', fuse: true });
  if (purpose === 'predict') return compilePlan(graph, { maxBatch });
  const { loss, optimizer } = compiled!;
  const lowered = { maxBatch, loss: loss.lower(graph) };
  if (purpose === 'evaluate') return compilePlan(graph, lowered);
  return compilePlan(graph, { ...lowered, backward: true, optimizer: optimizer.lowering });
}

/**
 * A model's plans, bound to memory when first needed. They share one work block, as one runs at a time; it grows to
 * the largest of them.
 */
export class Session {
  readonly #architecture: Architecture;
  readonly #parameters: Parameters;
  readonly #compiled: Compiled | undefined;
  readonly #bound = new Map<Purpose, BoundPlan>();
  #work = { address: 0, byteLength: 0 };

  constructor(architecture: Architecture, parameters: Parameters, compiled: Compiled | undefined) {
    this.#architecture = architecture;
    this.#parameters = parameters;
    this.#compiled = compiled;
  }

  get engine(): Engine {
    return this.#parameters.engine;
  }

  /** The plan for at least this many samples. */
  plan(purpose: Purpose, samples: number): BoundPlan {
    this.#parameters.checkLive();
    const bound = this.#bound.get(purpose);
    if (bound !== undefined && bound.plan.maxBatch >= samples) return bound;
    const plan = makePlan(this.#architecture, purpose, samples, this.#compiled);
    bound?.dispose();
    this.#bound.delete(purpose);
    if (plan.blockBytes.work > this.#work.byteLength) this.#growWork(plan.blockBytes.work);
    const made = this.#bind(plan);
    this.#bound.set(purpose, made);
    return made;
  }

  /** Frees the plans and the work block. */
  dispose(): void {
    for (const bound of this.#bound.values()) bound.dispose();
    this.#bound.clear();
    if (this.#work.address !== 0) this.engine.free(this.#work.address);
    this.#work = { address: 0, byteLength: 0 };
  }

  /** The other plans move to the new block too. */
  #growWork(byteLength: number): void {
    const plans = [...this.#bound].map(([purpose, bound]) => [purpose, bound.plan] as const);
    this.dispose();
    this.#work = { address: this.engine.alloc(byteLength), byteLength };
    for (const [purpose, plan] of plans) this.#bound.set(purpose, this.#bind(plan));
  }

  #bind(plan: Plan): BoundPlan {
    const addresses = { ...this.#parameters.addresses, work: this.#work.address };
    const optimizer = this.#compiled?.optimizer;
    return new BoundPlan(this.engine, plan, addresses, (layer) => (optimizer === undefined ? 0 : rateOf(optimizer, layer)));
  }
}
