import { restoreRates, ratesOf, type Optimizer } from '../optimizers/optimizer.ts';
import { callHook, type Callback, type TrainingModel } from '../train/callbacks.ts';
import type { Reply, Report } from './protocol.ts';

/** Calls the callbacks of one `fit` on the trainer's side, one hook after the other. */
export class Watchers {
  /** What a hook threw; no other is called then. */
  #failure: { error: unknown } | undefined;
  readonly #callbacks: readonly Callback[];
  readonly #model: TrainingModel;
  readonly #checkpoint: ((bytes: Uint8Array) => void | Promise<void>) | undefined;
  readonly #onFailure: () => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    callbacks: readonly Callback[],
    optimizer: Optimizer | undefined,
    checkpoint: ((bytes: Uint8Array) => void | Promise<void>) | undefined,
    onFailure: () => void,
  ) {
    this.#callbacks = callbacks;
    this.#model = { stopTraining: false, optimizer: optimizer! };
    this.#checkpoint = checkpoint;
    this.#onFailure = onFailure;
  }

  /** Answers a report once its hooks, and those before, were called. */
  readonly report = async (report: Report): Promise<Reply> => {
    this.#last = this.#last.then(() => this.#call(report));
    await this.#last;
    const stop = this.#model.stopTraining || this.#failure !== undefined;
    return report.kind === 'hook' ? { stop, rates: ratesOf(this.#model.optimizer) } : { stop };
  };

  /** Throws what a hook threw. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** At the end, however it came. */
  settle(): void {
    for (const callback of this.#callbacks) callback.onTrainSettled?.();
  }

  async #call(report: Report): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await this.#act(report);
    } catch (error) {
      this.#failure = { error };
      this.#onFailure();
    }
  }

  async #act(report: Report): Promise<void> {
    switch (report.kind) {
      case 'params':
        for (const callback of this.#callbacks) {
          callback.setParams?.(report.params);
          callback.setModel?.(this.#model);
        }
        return;
      case 'checkpoint':
        return this.#checkpoint!(report.bytes);
      case 'hook':
        restoreRates(this.#model.optimizer, report.rates);
        return callHook(this.#callbacks, report.hook, report.index, report.logs);
      case 'batch':
        return callHook(this.#callbacks, report.hook, report.index, report.logs);
    }
  }
}
