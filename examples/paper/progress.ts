import { SingleBar } from 'cli-progress';

/** Shows what is under way: a bar in a terminal, a line per part in a pipe or a file. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #started = 0;
  #runs = 0;
  #title = '';

  constructor() {
    const format = '{part}/{parts} {title} [{bar}] {runs} runs | {what}';
    const options = { format, barsize: 20, hideCursor: true, clearOnComplete: true };
    this.#bar = process.stdout.isTTY ? new SingleBar(options) : undefined;
  }

  /** Begins a part of so many pieces. */
  start(title: string, part: number, parts: number, pieces: number): void {
    this.#started = performance.now();
    [this.#runs, this.#title] = [0, `${part}/${parts} ${title}`];
    this.#bar?.start(pieces, 0, { part, parts, title, runs: 0, what: '' });
  }

  /** Something was run; `done` pieces of the part are complete. */
  update(what: string, done: number): void {
    this.#runs++;
    this.#bar?.update(done, { runs: this.#runs, what });
  }

  /** Ends the part. */
  stop(): void {
    this.#bar?.stop();
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    console.log(`${this.#title}: ${this.#runs} runs, ${seconds} s`);
  }
}
