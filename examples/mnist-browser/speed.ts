/** Steps that count. */
const steps = 100;

/** How many samples are trained on in a second, over the last steps. */
export class Speed {
  #times: { at: number; samples: number }[] = [];

  /** Starts anew, at a time in milliseconds. */
  start(at: number): void {
    this.#times = [{ at, samples: 0 }];
  }

  /** A step that has ended. */
  add(samples: number, at: number): void {
    this.#times.push({ at, samples });
    if (this.#times.length > steps + 1) this.#times.shift();
  }

  /** None before the first step. */
  get perSecond(): number | undefined {
    const [first, ...rest] = this.#times;
    if (first === undefined || rest.length === 0) return undefined;
    const samples = rest.reduce((sum, step) => sum + step.samples, 0);
    return (1000 * samples) / Math.max(rest.at(-1)!.at - first.at, 1);
  }
}
