import type { LabelledImages } from 'fourlane/data';
import { createTrainer, type Trainer } from 'fourlane/worker';
import { average } from './fedAvg.ts';
import { makeModel } from './recipe.ts';

/** A worker with digits of its own, which no other sees. */
interface Client {
  trainer: Trainer;
  digits: LabelledImages;
}

/** What clients do between two averages. */
export interface LocalTraining {
  epochs: number;
  batchSize: number;
  /** Of the order of the digits. */
  seed: number;
}

/** Clients that share one network. With a single client it is central training. */
export class Federation {
  readonly #clients: readonly Client[];

  private constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  /** One client for each part of the digits, in a thread of its own; all begin with the weights drawn from `seed`. */
  static async start(parts: readonly LabelledImages[], seed: number, learningRate: number): Promise<Federation> {
    const start = async (digits: LabelledImages): Promise<Client> => {
      // The bits of this build are the same on every machine.
      const trainer = await createTrainer(makeModel(seed, learningRate), { build: 'simd', threads: 1 });
      return { trainer, digits };
    };
    return new Federation(await Promise.all(parts.map(start)));
  }

  /** Every client trains on its own digits, then all take over the average of their weights. */
  async round(training: LocalTraining): Promise<void> {
    const trained = this.#clients.map(async ({ trainer, digits }) => {
      await trainer.fit(digits.images, digits.labels, training);
      return trainer.getWeights();
    });
    const examples = this.#clients.map(({ digits }) => digits.labels.data.length);
    const weights = average(await Promise.all(trained), examples);
    await Promise.all(this.#clients.map(({ trainer }) => trainer.setWeights(weights)));
  }

  /** Fraction of these digits that the network reads right. */
  async accuracy({ images, labels }: LabelledImages): Promise<number> {
    // After a round all clients have the same weights.
    const { accuracy } = await this.#clients[0]!.trainer.evaluate(images, labels, { batchSize: 100 });
    return accuracy!;
  }

  /** Ends the threads. */
  dispose(): void {
    for (const { trainer } of this.#clients) trainer.dispose();
  }
}
