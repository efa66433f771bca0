import { DataError } from '../errors.ts';
import type { FitPlan } from './fitOptions.ts';
import { copyEpochs, newHistory, recordEpoch, type History, type HistoryEngine, type PastEpochs } from './history.ts';
import { Totals, type Logs } from './step.ts';

/** First of the streams of random numbers for the orders of epochs; those below are for initial weights. */
const SHUFFLE_STREAMS = 0x80000000;

/** Where a `fit` stands between two steps, as plain data: with the model, all that its next steps hang on. */
export interface FitPosition {
  /** The epoch under way, and the steps done in it. */
  epoch: number;
  batch: number;
  /** Whether the callbacks were told that it begins. */
  begun: boolean;
  /** What these steps are made of. */
  samples: number;
  batchSize: number;
  /** The order of the samples: drawn from this stream of random numbers alone, or as they are. */
  random: { generator: 'sfc32'; seed: number; stream: number } | null;
  /** Sums over the steps of the epoch. */
  totals: { samples: number; loss: number; correct: number };
  /** Of the epochs before. */
  history: PastEpochs;
}

/** Throws a DataError for what is no position, wherever it came from. */
export function checkPosition(where: string, position: FitPosition): void {
  const { epoch, batch, begun, totals, history } = position;
  const counts = [epoch, batch, totals?.samples, totals?.correct];
  const lists = [
    history?.epoch,
    history?.samplesPerSecond,
    ...Object.values(history?.history ?? { missing: undefined }),
  ];
  const sound =
    counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
    typeof totals.loss === 'number' &&
    typeof begun === 'boolean' &&
    lists.every((list) => Array.isArray(list) && list.every((value) => typeof value === 'number'));
  if (!sound) throw new DataError(`${where}: metadata training is no position of a fit`);
}

/** The stream for the order of an epoch: it hangs on seed and epoch only, so that training can be continued. */
export function shuffleStream(epoch: number): number {
  return SHUFFLE_STREAMS + epoch;
}

/** What a position hangs on of a `fit`'s options. */
export type OrderPlan = Pick<FitPlan, 'train' | 'batchSize' | 'shuffle' | 'seed'>;

/** What moves while a `fit` runs. */
export class FitProgress {
  epoch = 0;
  batch = 0;
  begun = false;
  totals = new Totals();
  readonly history: History;
  readonly #plan: OrderPlan;

  constructor(plan: OrderPlan, engine: HistoryEngine) {
    this.#plan = plan;
    this.history = newHistory(engine);
  }

  /** Notes the end of an epoch; the history with it. One that was stopped before its last step can still be resumed. */
  endEpoch(logs: Logs): History {
    const whole = this.batch * this.#plan.batchSize >= this.#plan.train.end;
    const history = whole ? this.history : newHistory(this.history.engine, this.history);
    recordEpoch(history, this.epoch, logs);
    if (!whole) return history;
    this.epoch++;
    this.batch = 0;
    this.begun = false;
    this.totals = new Totals();
    return history;
  }

  /** A copy as plain data. */
  get position(): FitPosition {
    const { epoch, batch, begun } = this;
    const { train, batchSize, shuffle, seed } = this.#plan;
    const { samples, loss, correct } = this.totals;
    return {
      ...{ epoch, batch, begun, samples: train.end, batchSize },
      random: shuffle ? { generator: 'sfc32', seed, stream: shuffleStream(epoch) } : null,
      totals: { samples, loss, correct },
      history: copyEpochs(this.history),
    };
  }

  /** Continues from there. */
  set position({ epoch, batch, begun, totals, history }: FitPosition) {
    Object.assign(this, { epoch, batch, begun });
    Object.assign(this.totals, totals);
    Object.assign(this.history, copyEpochs(history));
  }
}
