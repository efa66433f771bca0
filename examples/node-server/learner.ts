import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { init, loadModel, type NDArray } from 'fourlane';
import type { LabelledImages } from 'fourlane/data';
import { createTrainer, type Trainer } from 'fourlane/worker';
import type { Digits } from '../digits/loadDigits.ts';
import { makeLesson, SIDE, type Correction } from './lesson.ts';
import { makeModel } from './model.ts';

/** Of every training. In between, after so many milliseconds at most, requests get their answers. */
const training = { batchSize: 16, yieldEvery: 4 };

/** Corrections that each later lesson repeats. */
const REMEMBERED = 32;

/** Lessons until a correction is given up. */
const MOST_LESSONS = 10;

/** What a {@link Learner} is made of. */
export interface LearnerOptions {
  /** Where the model is kept, replaced as a whole after everything it learned. */
  file: string;
  epochs: number;
  seed: number;
  digits: Digits;
  /** Told when it can learn no more, as its thread died or the file cannot be written. */
  onFailure: (error: unknown) => void;
}

/** What it is at. */
export interface Status {
  state: 'first training' | 'learning' | 'idle';
  corrections: {
    received: number;
    /** The last ones, and how many of them it reads as it was told, as of the last lesson. */
    remembered: number;
    learned: number;
  };
  /** Of held-out digits, after the last thing it learned in this process; null before. */
  accuracy: number | null;
}

/** A model in a thread of its own that goes on learning while it classifies. */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #trainer: Trainer;
  readonly #closing = new AbortController();
  #corrections: Correction[] = [];
  #lessons = 0;
  #trained: boolean;
  /** One thing after the other, and how many of them have not ended. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #received = 0;
  #learned = 0;
  #accuracy: number | null = null;

  /** Goes on from the file, or starts the first training where there is none; it can classify at once. */
  static async open(options: LearnerOptions): Promise<Learner> {
    const { file, seed } = options;
    const known = existsSync(file);
    // What a file holds needs an engine on its way to the thread.
    if (known) await init({ threads: 1 });
    const model = known ? await loadModel(file) : makeModel(seed);
    const trainer = await createTrainer(model, { threads: 1 });
    model.dispose();
    return new Learner(options, trainer, known);
  }

  private constructor(options: LearnerOptions, trainer: Trainer, trained: boolean) {
    this.#options = options;
    this.#trainer = trainer;
    this.#trained = trained;
    if (!trained) this.#queue(() => this.#trainFirst());
  }

  get status(): Status {
    const corrections = { received: this.#received, remembered: this.#corrections.length, learned: this.#learned };
    const state = !this.#trained ? 'first training' : this.#waiting > 0 ? 'learning' : 'idle';
    return { state, corrections, accuracy: this.#accuracy };
  }

  /** The probability of each class. */
  async classify(pixels: readonly number[]): Promise<number[]> {
    return (await this.#read([pixels]))[0]!;
  }

  /** Remembers what a picture is, and learns it when there is nothing before it. */
  correct(correction: Correction): void {
    this.#corrections = [...this.#corrections, correction].slice(-REMEMBERED);
    this.#received++;
    this.#queue(() => this.#learn());
  }

  /** Ends training after the current step, keeps what was learned, and ends the thread. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
    // Of a first training that did not end, the checkpoint stays.
    if (this.#trained) await this.#trainer.save(this.#options.file);
    this.#trainer.dispose();
  }

  #queue(work: () => Promise<void>): void {
    const { signal } = this.#closing;
    this.#waiting++;
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => (signal.aborted ? undefined : this.#options.onFailure(error)))
      .finally(() => this.#waiting--);
  }

  /** Passes over the digits; begun by a process that ended, it goes on from its checkpoint. */
  async #trainFirst(): Promise<void> {
    const { file, epochs, seed, digits } = this.#options;
    const checkpoint = { target: `${file}.first`, everySteps: 200 };
    await this.#fit(digits.train, {
      epochs,
      seed,
      checkpoint,
      ...(existsSync(checkpoint.target) && { resumeFrom: checkpoint.target }),
    });
    await this.#keep();
    await rm(checkpoint.target, { force: true });
    this.#trained = true;
  }

  /** Lessons of corrections among known digits, so that these are not forgotten, until it reads all as it was told. */
  async #learn(): Promise<void> {
    let lesson = 0;
    for (; lesson < MOST_LESSONS && !(await this.#knows()); lesson++) {
      const seed = this.#options.seed + ++this.#lessons;
      await this.#fit(makeLesson(this.#corrections, this.#options.digits.train, seed), { seed });
    }
    if (lesson > 0) await this.#keep();
  }

  async #fit({ images, labels }: LabelledImages, options: Parameters<Trainer['fit']>[2]): Promise<void> {
    await this.#trainer.fit(images, labels, { ...training, ...options, signal: this.#closing.signal });
  }

  /** Whether it reads every remembered correction as it was told. */
  async #knows(): Promise<boolean> {
    const corrections = this.#corrections;
    const read = await this.#read(corrections.map(({ pixels }) => pixels));
    this.#learned = read.filter((classes, i) => largest(classes) === corrections[i]!.digit).length;
    return this.#learned === corrections.length;
  }

  async #keep(): Promise<void> {
    const { images, labels } = this.#options.digits.test;
    await this.#trainer.save(this.#options.file);
    this.#accuracy = (await this.#trainer.evaluate(images, labels, { yieldEvery: training.yieldEvery })).accuracy!;
  }

  async #read(pictures: readonly (readonly number[])[]): Promise<number[][]> {
    const shape = [pictures.length, SIDE, SIDE, 1];
    const x: NDArray = { data: Uint8Array.from(pictures.flat()), shape, scale: 1 / 255 };
    const { data } = await this.#trainer.predict(x, { transfer: true });
    return pictures.map((_, i) => Array.from(data.subarray(10 * i, 10 * (i + 1))));
  }
}

/** Where the largest number is. */
export function largest(numbers: readonly number[]): number {
  return numbers.indexOf(Math.max(...numbers));
}
