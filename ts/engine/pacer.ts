/**
 * How many threads take part: all, unless they do not pay. Where other processes take the cores, helpers take turns with
 * the calling thread instead of working beside it, and two threads are slower than one. Nothing inside wasm can tell:
 * only the clock can, over loops of kernels that come again and again. So their times are watched, and when they are
 * longer than they were at best, fewer threads are tried, and kept for a while if that is faster. This changes speed,
 * never results.
 */

/** Milliseconds that a loop takes at best with all threads, by number of samples. */
export type Pace = Map<number, number>;

/** Shorter loops are not looked at, milliseconds. */
const SHORTEST_MS = 0.1;
/** Loops are judged by sums of at least so much best time. */
const WATCH_MS = 20;
const TRIAL_MS = 8;
/** A sum that is longer than at best by this factor starts a trial. */
const SUSPICIOUS = 1.3;
/** How long a smaller number of threads is kept, the first time and at most. */
const FIRST_REST_MS = 200;
const LONGEST_REST_MS = 5000;

/** What a pacer tells the pool. */
export interface PacedPool {
  /** Lets so many threads take part. */
  limit(threads: number): void;
  /** Wakes those that sleep. */
  wake(): void;
}

/** Times of several loops together. */
class Account {
  elapsed = 0;
  best = 0;

  get ratio(): number {
    return this.elapsed / this.best;
  }

  clear(): void {
    this.elapsed = 0;
    this.best = 0;
  }
}

/** Watches the loops of one engine. */
export class Pacer {
  readonly #pool: PacedPool;
  readonly #now: () => number;
  /** All threads, half of them, ... one. */
  readonly #numbers: number[] = [];
  #mode: 'watching' | 'trying' | 'resting' = 'watching';
  readonly #account = new Account();
  /** What is usual with all threads: 1, and more where a trial found nothing better. */
  #usual = 1;
  /** Of a trial: results so far. */
  #ratios: number[] = [];
  #rest = FIRST_REST_MS;
  #restEnds = 0;

  constructor(threads: number, pool: PacedPool, now: () => number = () => performance.now()) {
    this.#pool = pool;
    this.#now = now;
    for (let number = threads; number >= 1; number = number === 1 ? 0 : Math.ceil(number / 2)) {
      this.#numbers.push(number);
    }
  }

  /** At the start of a loop; what `end` wants to have. */
  begin(pace: Pace, samples: number): number {
    const best = pace.get(samples);
    if (best !== undefined && best >= SHORTEST_MS && this.#mode !== 'resting') this.#pool.wake();
    return this.#now();
  }

  /** At the end of it. */
  end(pace: Pace, samples: number, started: number): void {
    const now = this.#now();
    const elapsed = now - started;
    if (this.#mode === 'resting') {
      if (now >= this.#restEnds) this.#watch(now);
      return;
    }
    let best = pace.get(samples);
    if (this.#ratios.length === 0 && (best === undefined || elapsed < best)) pace.set(samples, (best = elapsed));
    if (best === undefined || best < SHORTEST_MS) return;
    this.#account.elapsed += elapsed;
    this.#account.best += best;
    if (this.#mode === 'watching') this.#judge(now);
    else if (this.#account.best >= TRIAL_MS) this.#tryNext(now);
  }

  #judge(now: number): void {
    if (this.#account.best < WATCH_MS) return;
    const { ratio } = this.#account;
    this.#account.clear();
    if (ratio > SUSPICIOUS * this.#usual) {
      this.#mode = 'trying';
      return;
    }
    this.#usual = Math.min(this.#usual, Math.max(ratio, 1));
    // So long a good time, and the past is forgotten.
    if (now > this.#restEnds + this.#rest) this.#rest = FIRST_REST_MS;
  }

  /** Notes how fast this number of threads was; goes on to the next while that gets better, then chooses. */
  #tryNext(now: number): void {
    const { ratio } = this.#account;
    const better = this.#ratios.length === 0 || ratio < this.#ratios.at(-1)!;
    this.#ratios.push(ratio);
    this.#account.clear();
    const next = this.#numbers[this.#ratios.length];
    if (better && next !== undefined) {
      this.#pool.limit(next);
      return;
    }
    const fastest = Math.min(...this.#ratios);
    const chosen = this.#ratios.indexOf(fastest);
    this.#ratios = [];
    this.#pool.limit(this.#numbers[chosen]!);
    if (chosen === 0) {
      this.#usual = fastest;
      this.#mode = 'watching';
      return;
    }
    this.#mode = 'resting';
    this.#restEnds = now + this.#rest;
    this.#rest = Math.min(2 * this.#rest, LONGEST_REST_MS);
  }

  #watch(now: number): void {
    this.#mode = 'watching';
    this.#usual = 1;
    this.#restEnds = now;
    this.#pool.limit(this.#numbers[0]!);
  }
}
