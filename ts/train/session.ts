import type { Engine } from '../engine/engine.ts';
import { ShapeError, StateError } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import { buildGraph, type Architecture } from '../model/architecture.ts';
import { Parameters } from '../model/parameters.ts';
import { rateOf, type Optimizer } from '../optimizers/optimizer.ts';
import { compilePlan } from '../plan/compile.ts';
import { BoundPlan } from '../plan/execute.ts';
import type { Plan } from '../plan/plan.ts';
import type { UpdateOrder } from '../plan/updateOrder.ts';
import type { Winograd } from '../ops/winograd.ts';
import type { MetricName } from './step.ts';

/**
 * What a plan is for. `train` takes whole steps, and need not leave gradients in memory where it can do without;
 * `gradients` does, for those who ask for them. `evaluate` has the loss but no backward pass.
 */
export type Purpose = 'train' | 'gradients' | 'evaluate' | 'predict';

/** What `compile` was given. */
export interface Compiled {
  loss: Loss;
  optimizer: Optimizer;
  metrics: readonly MetricName[];
  /** Of training steps; gradients on their own are those of `joint`. Default `joint`. */
  updateOrder?: UpdateOrder;
  /** Default `auto`. */
  winograd?: Winograd;
}

/** The plan of an architecture for a purpose and a largest batch. */
export function makePlan(architecture: Architecture, purpose: Purpose, maxBatch: number, compiled?: Compiled): Plan {
  const training = purpose === 'train' || purpose === 'gradients';
  const graph = buildGraph(architecture, { training, fuse: true, winograd: compiled?.winograd });
  if (purpose === 'predict') return compilePlan(graph, { maxBatch });
  const { loss, optimizer, updateOrder } = compiled!;
  const lowered = { maxBatch, loss: loss.lower(graph) };
  if (purpose === 'evaluate') return compilePlan(graph, lowered);
  const step = purpose === 'train' ? { fuseDescent: true, updateOrder } : {};
  return compilePlan(graph, { ...lowered, backward: true, optimizer: optimizer.lowering, ...step });
}

/**
 * A model in an engine's memory: its parameters, and its plans, bound when first needed. The plans share one work block,
 * as one runs at a time; it grows to the largest of them.
 */
export class Session {
  readonly parameters: Parameters;
  readonly #where: string;
  readonly #architecture: Architecture;
  readonly #bound = new Map<Purpose, BoundPlan>();
  readonly #forgetEngine: () => void;
  #compiled: Compiled | undefined;
  #work = { address: 0, byteLength: 0 };
  /** The training plan whose inputs and targets were written in place and not overwritten since. */
  #staged: { bound: BoundPlan; samples: number } | undefined;
  #disposed = false;

  /** `where` names the model in messages. */
  constructor(where: string, engine: Engine, architecture: Architecture, seed: number) {
    this.#where = where;
    this.#architecture = architecture;
    this.parameters = new Parameters(engine, architecture, seed);
    this.#forgetEngine = engine.onDispose(() => this.#dropPlans());
  }

  get engine(): Engine {
    return this.parameters.engine;
  }

  get compiled(): Compiled | undefined {
    return this.#compiled;
  }

  /** Another loss or optimizer. What the last optimizer kept is dropped; predictions under way are not disturbed. */
  compile(compiled: Compiled): void {
    const purposes: Purpose[] = ['train', 'gradients', 'evaluate'];
    if (compiled.winograd !== (this.#compiled?.winograd ?? 'auto')) purposes.push('predict');
    for (const purpose of purposes) {
      this.#bound.get(purpose)?.dispose();
      this.#bound.delete(purpose);
    }
    this.#staged = undefined;
    this.#compiled = compiled;
    this.parameters.dropOptimizer();
  }

  /** Throws a StateError after `dispose`, and when the engine no longer computes. */
  checkLive(): void {
    if (this.#disposed) throw new StateError(`${this.#where}: disposed`);
    this.engine.checkLive();
  }

  /** The plan for at least this many samples. It may move the memory of the others, and overwrites what is staged. */
  plan(purpose: Purpose, samples: number): BoundPlan {
    this.checkLive();
    this.#staged = undefined;
    const bound = this.#bound.get(purpose);
    if (bound !== undefined && bound.plan.maxBatch >= samples) return bound;
    const plan = makePlan(this.#architecture, purpose, samples, this.#compiled);
    bound?.dispose();
    this.#bound.delete(purpose);
    this.#provide(plan.blockBytes.work, plan.blockBytes.gradients);
    if (purpose === 'train' || purpose === 'gradients') {
      this.parameters.provideOptimizer(this.#compiled!.optimizer.lowering);
    }
    const made = this.#bind(plan);
    this.#bound.set(purpose, made);
    return made;
  }

  /** The training plan, for its inputs and targets to be written in place. */
  stage(samples: number): BoundPlan {
    const bound = this.plan('train', samples);
    this.#staged = { bound, samples };
    return bound;
  }

  /** The plan that holds what was written in place, once: a step overwrites it. */
  takeStaged(where: string, samples: number): BoundPlan {
    this.checkLive();
    const staged = this.#staged;
    if (staged === undefined) {
      throw new StateError(
        `${where}: no batch is staged; fill one by views(..., { batchSize }) right before each step`,
      );
    }
    if (samples > staged.samples) {
      throw new ShapeError(`${where}: expected at most the ${staged.samples} samples that are staged, got ${samples}`);
    }
    this.#staged = undefined;
    return staged.bound;
  }

  /** Frees everything. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#forgetEngine();
    this.#dropPlans();
    if (this.#work.address !== 0) this.engine.free(this.#work.address);
    this.parameters.dispose();
  }

  #dropPlans(): void {
    for (const bound of this.#bound.values()) bound.dispose();
    this.#bound.clear();
    this.#staged = undefined;
  }

  /** Makes the block of gradients whole: all of them, at the offsets of the parameters. */
  provideFlatGradients(): void {
    this.checkLive();
    this.#provide(0, this.parameters.parameterBytes);
  }

  /** Room for a plan. The other plans move along to blocks that are replaced. */
  #provide(work: number, gradients: number): void {
    if (work <= this.#work.byteLength && gradients <= this.parameters.gradientBytes) return;
    const plans = [...this.#bound].map(([purpose, bound]) => [purpose, bound.plan] as const);
    this.#dropPlans();
    this.parameters.provideGradients(gradients);
    if (work > this.#work.byteLength) {
      if (this.#work.address !== 0) this.engine.free(this.#work.address);
      // Forgotten before the new one is asked for: that may fail, and the model stays usable for smaller batches.
      this.#work = { address: 0, byteLength: 0 };
      this.#work = { address: this.engine.alloc(work), byteLength: work };
    }
    for (const [purpose, plan] of plans) this.#bound.set(purpose, this.#bind(plan));
  }

  #bind(plan: Plan): BoundPlan {
    const addresses = { ...this.parameters.addresses, work: this.#work.address };
    const optimizer = this.#compiled?.optimizer;
    return new BoundPlan(this.engine, plan, addresses, (layer) =>
      optimizer === undefined ? 0 : rateOf(optimizer, layer),
    );
  }
}
