import type { Callback } from 'fourlane';
import type { LabelledImages } from 'fourlane/data';
import { createTrainer, type Trainer } from 'fourlane/worker';
import { linearAxis, logAxis } from './axis.ts';
import { decodeDigits, sliceDigits } from './digits.ts';
import { DigitGrid } from './digitGrid.ts';
import { LineChart } from './lineChart.ts';
import { Speed } from './speed.ts';
import { makeModel, splitDigits, trainModel } from './training.ts';

const epochs = 20;
const testEverySteps = 25;
const digitsShown = 80;

// `?seed=7` draws other weights and another order; `?steps=20` stops after so many steps.
const parameters = new URLSearchParams(location.search);
const seed = Number(parameters.get('seed') ?? 1);
const steps = parameters.has('steps') ? Number(parameters.get('steps')) : undefined;

/** The loss of each step as the library returned it: what a test compares with a run in Node. */
const stepLosses: number[] = [];
Object.assign(globalThis, { stepLosses });

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const lossChart = new LineChart(svg('loss-chart'), {
  xLabel: 'training steps',
  yLabel: 'loss per digit, log scale',
  yAxis: (values) => logAxis(Math.min(0.1, ...values), Math.max(1, ...values)),
  formatY: (value) => String(Number(value.toPrecision(2))),
});
const accuracyChart = new LineChart(svg('accuracy-chart'), {
  xLabel: 'training steps',
  yLabel: 'accuracy',
  yAxis: () => linearAxis(1),
  formatY: (value) => `${Math.round(100 * value)} %`,
});

/** Of the last steps, so that the number can be read while it changes. */
let loss: number | undefined;
const speed = new Speed();
let accuracy: number | undefined;
let samplesSeen = 0;

/** Draws at most once per frame, however many steps there were since. */
let drawn: number | undefined;
function draw(): void {
  drawn ??= requestAnimationFrame(() => {
    drawn = undefined;
    byId('seen').textContent = samplesSeen.toLocaleString();
    if (loss !== undefined) byId('loss').textContent = loss.toFixed(4);
    if (accuracy !== undefined) byId('accuracy').textContent = percent(accuracy);
    if (speed.perSecond !== undefined) byId('speed').textContent = Math.round(speed.perSecond).toLocaleString();
    lossChart.draw(stepLosses.length);
    accuracyChart.draw(stepLosses.length);
  });
}

/** Reads the unseen digits with the weights as they are: in the trainer's thread, between two steps. */
async function testModel(trainer: Trainer, { images, labels }: LabelledImages, grid: DigitGrid): Promise<void> {
  const step = stepLosses.length;
  const { data, shape } = await trainer.predict(images);
  const classes = shape[1]!;
  const read = labels.data.map((_, i) => largest(data.subarray(i * classes, (i + 1) * classes)));
  accuracy = labels.data.filter((label, i) => label === read[i]).length / read.length;
  accuracyChart.add(step, accuracy);
  grid.show(read);
  draw();
}

/** What is told of each step. */
function progress(afterTestInterval: () => void): Callback {
  return {
    onTrainBegin: () => speed.start(performance.now()),
    onBatchEnd: (_, logs) => {
      const size = logs.size!;
      speed.add(size, performance.now());
      stepLosses.push(logs.loss!);
      samplesSeen += size;
      loss = loss === undefined ? logs.loss! / size : 0.9 * loss + (0.1 * logs.loss!) / size;
      lossChart.add(stepLosses.length, logs.loss! / size);
      draw();
      if (stepLosses.length % testEverySteps === 0) afterTestInterval();
    },
  };
}

async function load(): Promise<void> {
  const [response, trainer] = await Promise.all([fetch('./digits.bin'), createTrainer(makeModel(seed))]);
  if (!response.ok) throw new Error(`digits.bin: ${response.status} ${response.statusText}`);
  const { train, test } = splitDigits(decodeDigits(new Uint8Array(await response.arrayBuffer())));
  const grid = new DigitGrid(byId('digits'), sliceDigits(test, 0, digitsShown));
  byId('test-size').textContent = test.labels.data.length.toLocaleString();

  // One after the other; what goes wrong also ends the training, which says so.
  let tested = testModel(trainer, test, grid);
  const testNext = (): Promise<void> => (tested = tested.then(() => testModel(trainer, test, grid)));
  await tested;

  let runs = 0;
  let running = false;
  const callback = progress(() => void testNext().catch(fail));
  async function run(): Promise<void> {
    running = true;
    showState('Stop', 'Training. The page stays usable meanwhile.');
    await trainModel(trainer, train, { epochs, steps, seed: seed + runs++, callback });
    await testNext();
    running = false;
    showState('Start', `Stopped after ${stepLosses.length.toLocaleString()} steps.`);
  }
  byId('toggle').addEventListener('click', () => {
    if (running) trainer.stop();
    else run().catch(fail);
  });
  const count = train.labels.data.length.toLocaleString();
  const { threads } = trainer.engine;
  showState('Start', `Ready: ${count} digits to train on, ${threads === 1 ? 'one thread' : `${threads} threads`}.`);
}

function showState(action: 'Start' | 'Stop', status: string): void {
  const toggle = byId<HTMLButtonElement>('toggle');
  toggle.disabled = false;
  toggle.textContent = action;
  byId('status').textContent = status;
}

function fail(error: unknown): void {
  byId<HTMLButtonElement>('toggle').disabled = true;
  byId('status').textContent = String(error);
  byId('status').classList.add('wrong');
}

function largest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function svg(id: string): SVGSVGElement {
  return document.querySelector<SVGSVGElement>(`svg#${id}`)!;
}

load().catch(fail);
