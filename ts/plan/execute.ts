import type { Engine } from '../engine/engine.ts';
import type { KernelBinding } from '../ops/kernel.ts';
import { kernelOf } from '../ops/index.ts';
import { Phase, type Run } from './phase.ts';
import { allSteps, type BlockName, type Plan, type Step } from './plan.ts';
import { prepareSteps } from './prepare.ts';

/** Byte address of each block. */
export type BlockAddresses = Readonly<Record<BlockName, number>>;

/** What one step took. */
export interface StepTime {
  phase: 'forward' | 'loss' | 'backward' | 'update';
  step: Step;
  ms: number;
}

/** Frees what a bound plan holds on the wasm side. */
type Release = () => void;

/**
 * A plan bound to an engine and its memory: every step a function of the number of samples. Running it allocates
 * nothing. Forward, loss, backward and update are phases of their own, so that a caller can look at the loss before
 * the backward pass, or change the flat gradients before the update.
 */
export class BoundPlan {
  readonly plan: Plan;
  readonly #engine: Engine;
  readonly #addresses: BlockAddresses;
  readonly #forward: Phase;
  readonly #loss: Run | undefined;
  readonly #backward: Phase;
  readonly #update: Phase;
  readonly #releases: Release[] = [];

  constructor(engine: Engine, plan: Plan, addresses: BlockAddresses, learningRate: (layer: string) => number) {
    this.plan = plan;
    this.#engine = engine;
    this.#addresses = addresses;
    try {
      const { handleOf, workspaceBytes, release } = prepareSteps(engine, allSteps(plan));
      this.#releases.push(release);
      this.workspaceBytes = workspaceBytes;
      const workspace = workspaceBytes > 0 ? engine.alloc(workspaceBytes) : 0;
      if (workspace !== 0) this.#releases.push(() => engine.free(workspace));
      const bind = (step: Step): Run => {
        const binding: Omit<KernelBinding<unknown>, 'kernels'> = {
          address: (operand) => this.addressOf(step.operands[operand]),
          attributes: step.attributes,
          handle: handleOf(step),
          workspace,
          learningRate: () => learningRate(step.layer),
        };
        return engine.run((kernels) => kernelOf(step.kernel).bind({ ...binding, kernels }));
      };
      this.#forward = new Phase(engine, plan.forward.map(bind));
      this.#loss = plan.loss && bind(plan.loss);
      this.#backward = new Phase(engine, plan.backward.map(bind));
      this.#update = new Phase(engine, plan.update.map(bind));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Scratch memory shared by all steps, beside the plan's blocks. */
  readonly workspaceBytes: number;

  /** Byte address of a buffer; 0 for none. */
  addressOf(buffer: number | undefined): number {
    if (buffer === undefined) return 0;
    const { block, byteOffset } = this.plan.buffers[buffer]!;
    return this.#addresses[block] + byteOffset;
  }

  /** View of the first `samples` samples of a float32 buffer (all of it where it is not per sample); not to be kept. */
  f32(buffer: number, samples: number): Float32Array {
    return new Float32Array(this.#engine.buffer, this.addressOf(buffer), this.#length(buffer, samples));
  }

  /** As {@link f32}, for an int32 buffer. */
  i32(buffer: number, samples: number): Int32Array {
    return new Int32Array(this.#engine.buffer, this.addressOf(buffer), this.#length(buffer, samples));
  }

  forward(samples: number): void {
    this.#forward.run(samples);
  }

  /** Writes the per-sample losses; their sum. */
  loss(samples: number): number {
    return this.#engine.run(() => this.#loss!(samples) as number);
  }

  backward(samples: number): void {
    this.#backward.run(samples);
  }

  update(): void {
    this.#update.run(0);
  }

  /**
   * Runs all phases once, as far as the plan has them, and times each step by `clock`, a time in milliseconds. Inputs
   * and target must be in their place, as before any run.
   */
  profile(samples: number, clock: () => number): StepTime[] {
    const { plan } = this;
    const time = (phase: StepTime['phase'], steps: readonly Step[], runs: readonly Run[]): StepTime[] =>
      runs.map((run, i) => {
        const started = clock();
        this.#engine.run(() => run(samples));
        return { phase, step: steps[i]!, ms: clock() - started };
      });
    return [
      ...time('forward', plan.forward, this.#forward.runs),
      ...time('loss', plan.loss === undefined ? [] : [plan.loss], this.#loss === undefined ? [] : [this.#loss]),
      ...time('backward', plan.backward, this.#backward.runs),
      ...time('update', plan.update, this.#update.runs),
    ];
  }

  /** Frees the workspace and the shapes; the blocks belong to the caller. */
  dispose(): void {
    const releases = this.#releases.splice(0);
    if (this.#engine.state === 'live') for (const release of releases) release();
  }

  #length(buffer: number, samples: number): number {
    const { perSample, byteLength } = this.plan.buffers[buffer]!;
    return (perSample ? (byteLength / this.plan.maxBatch) * samples : byteLength) / 4;
  }
}
