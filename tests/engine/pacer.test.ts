import { describe, expect, it } from 'vitest';
import { Pacer, type Pace } from '../../ts/engine/pacer.ts';

/** A machine whose loops take what `timeOf` says, and that counts who took part how long. */
class Machine {
  now = 0;
  limit: number;
  wakes = 0;
  /** Milliseconds spent with each number of threads. */
  readonly spent = new Map<number, number>();
  readonly pacer: Pacer;
  readonly #paces = new Map<string, Pace>();

  constructor(threads: number) {
    this.limit = threads;
    const pool = { limit: (limit: number) => void (this.limit = limit), wake: () => void this.wakes++ };
    this.pacer = new Pacer(threads, pool, () => this.now);
  }

  run(forMs: number, timeOf: (limit: number, loop: number) => number, names = ['forward', 'backward']): number {
    const end = this.now + forMs;
    let steps = 0;
    for (; this.now < end; steps++) {
      names.forEach((name, loop) => {
        if (!this.#paces.has(name)) this.#paces.set(name, new Map());
        const pace = this.#paces.get(name)!;
        const started = this.pacer.begin(pace, 32);
        const elapsed = timeOf(this.limit, loop);
        this.spent.set(this.limit, (this.spent.get(this.limit) ?? 0) + elapsed);
        this.now += elapsed;
        this.pacer.end(pace, 32, started);
      });
      this.now += 0.2;
    }
    return steps;
  }

  shareOf(threads: number): number {
    const all = [...this.spent.values()].reduce((sum, ms) => sum + ms, 0);
    return (this.spent.get(threads) ?? 0) / all;
  }
}

/** 1 and 2 ms on one thread; perfect scaling, with some noise. */
const free = (limit: number, loop: number): number => ((1 + loop) / limit) * (1 + 0.1 * Math.sin(7 * limit + loop));

describe('a free machine', () => {
  it('is never tried with fewer threads', () => {
    const machine = new Machine(8);
    let turn = 0;
    machine.run(5000, (limit, loop) => free(limit, loop) * (1 + 0.2 * ((turn++ * 0.618) % 1)));
    expect([...machine.spent.keys()]).toEqual([8]);
    expect(machine.wakes).toBeGreaterThan(0);
  });

  it('nor for a single hitch', () => {
    const machine = new Machine(2);
    machine.run(1000, free);
    let hitch = true;
    machine.run(1000, (limit, loop) => {
      const extra = hitch ? 5 : 0;
      hitch = false;
      return free(limit, loop) + extra;
    });
    expect([...machine.spent.keys()]).toEqual([2]);
  });

  it('loops that take no time are left alone', () => {
    const machine = new Machine(4);
    let turn = 0;
    machine.run(1000, () => (turn++ % 2 === 0 ? 0.01 : 0.09));
    expect(machine.wakes).toBe(0);
    expect([...machine.spent.keys()]).toEqual([4]);
  });
});

describe('a machine with a core taken', () => {
  /** Two threads: mostly slower than one, sometimes lucky. */
  const contended = (): ((limit: number, loop: number) => number) => {
    let turn = 0;
    return (limit, loop) => (limit === 1 ? 1 + loop : turn++ % 5 === 0 ? 0.5 * (1 + loop) : 1.6 * (1 + loop));
  };

  it('runs on one thread nearly all the time, and on all soon after it is free', () => {
    const machine = new Machine(2);
    machine.run(1000, free);
    expect(machine.shareOf(2)).toBe(1);
    machine.spent.clear();
    const steps = machine.run(20_000, contended());
    expect(machine.shareOf(1)).toBeGreaterThan(0.9);
    // A step on one thread is 3.2 ms.
    expect(steps).toBeGreaterThan((0.95 * 20_000) / 3.2);
    machine.run(6000, free);
    expect(machine.limit).toBe(2);
    machine.spent.clear();
    machine.run(6000, free);
    expect(machine.shareOf(2)).toBe(1);
  });

  it('runs on as many threads as pay', () => {
    const machine = new Machine(8);
    machine.run(500, free);
    machine.spent.clear();
    machine.run(20_000, (limit, loop) => (limit > 4 ? 4 : 1) * free(limit, loop));
    expect(machine.shareOf(4)).toBeGreaterThan(0.9);
    expect(machine.shareOf(8)).toBeGreaterThan(0);
  });
});

it('a machine that became slower as a whole stays at all threads', () => {
  const machine = new Machine(2);
  machine.run(500, free);
  machine.spent.clear();
  machine.run(20_000, (limit, loop) => 2 * free(limit, loop));
  expect(machine.shareOf(1)).toBeLessThan(0.01);
  expect(machine.limit).toBe(2);
});
