import type { SingleBar } from 'cli-progress';
import { consoleLogger, formatLogs, type Callback, type TrainingParams } from '../train/callbacks.ts';
import type { Logs } from '../train/step.ts';

/** A stream of Node, as far as it is needed here. */
export interface TextStream {
  /** True for terminals. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /** Where it is shown. Default the standard output. */
  stream?: TextStream;
}

/**
 * A callback that shows the progress of `fit` in a terminal: a bar with the means of the epoch so far, replaced by a
 * line when the epoch ends. In a pipe or a file there are only the lines. Nothing is loaded before training begins.
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  let params: TrainingParams | undefined;
  let bar: EpochBar | undefined;
  const { stream } = options;
  const lines = stream === undefined ? consoleLogger() : consoleLogger((line) => stream.write(`${line}\n`));
  return {
    setParams(given) {
      params = given;
      lines.setParams!(given);
    },
    async onTrainBegin() {
      const target = stream ?? (await import('node:process')).stdout;
      bar = target.isTTY ? await EpochBar.load(target, params!) : undefined;
    },
    onEpochBegin: (epoch) => bar?.start(epoch),
    onBatchEnd: (_, logs) => bar?.add(logs),
    onEpochEnd(epoch, logs) {
      bar?.stop();
      return lines.onEpochEnd!(epoch, logs);
    },
    onTrainSettled: () => bar?.stop(),
  };
}

/** The bar of one epoch after the other. */
class EpochBar {
  readonly #bar: SingleBar;
  readonly #params: TrainingParams;
  #samples = 0;
  #started = 0;
  #sums: Logs = {};

  private constructor(bar: SingleBar, params: TrainingParams) {
    this.#bar = bar;
    this.#params = params;
  }

  static async load(stream: TextStream, params: TrainingParams): Promise<EpochBar> {
    const { default: library } = await import('cli-progress');
    const format = 'epoch {epoch}/{epochs} [{bar}] {percentage} % | {eta_formatted} left | {logs}';
    const settings = {
      stream: stream as NodeJS.WritableStream,
      format,
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
    };
    return new EpochBar(new library.SingleBar(settings), params);
  }

  start(epoch: number): void {
    this.#samples = 0;
    this.#started = performance.now();
    this.#sums = {};
    const { epochs, samples } = this.#params;
    this.#bar.start(samples, 0, { epoch: epoch + 1, epochs, logs: '' });
  }

  /** Counts in the logs of one batch, each sample as much as another. */
  add(logs: Logs): void {
    const size = logs.size!;
    this.#samples += size;
    const means: Logs = {};
    for (const [name, value] of Object.entries(logs)) {
      if (name === 'size' || name === 'batch') continue;
      this.#sums[name] = (this.#sums[name] ?? 0) + value * size;
      means[name] = this.#sums[name] / this.#samples;
    }
    means.samplesPerSecond = (1000 * this.#samples) / (performance.now() - this.#started);
    this.#bar.update(this.#samples, { logs: formatLogs(means) });
  }

  /** Clears the bar; nothing when there is none. */
  stop(): void {
    this.#bar.stop();
  }
}
