import { init, type Callback, type Sequential } from 'fourlane';
import type { LabelledImages } from 'fourlane/data';
import { linearAxis, logAxis } from './axis.ts';
import { decodeDigits, sliceDigits } from './digits.ts';
import { DigitGrid } from './digitGrid.ts';
import { LineChart } from './lineChart.ts';
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

/** Follows the last values, so that a number can be read while it changes. */
class RunningMean {
  value: number | undefined;

  add(value: number): void {
    this.value = this.value === undefined ? value : 0.9 * this.value + 0.1 * value;
  }
}

const loss = new RunningMean();
const samplesPerSecond = new RunningMean();
let accuracy: number | undefined;
let samplesSeen = 0;

/** Draws at most once per frame, however many steps there were since. */
let drawn: number | undefined;
function draw(): void {
  drawn ??= requestAnimationFrame(() => {
    drawn = undefined;
    byId('seen').textContent = samplesSeen.toLocaleString();
    if (loss.value !== undefined) byId('loss').textContent = loss.value.toFixed(4);
    if (accuracy !== undefined) byId('accuracy').textContent = percent(accuracy);
    if (samplesPerSecond.value !== undefined)
      byId('speed').textContent = Math.round(samplesPerSecond.value).toLocaleString();
    lossChart.draw(stepLosses.length);
    accuracyChart.draw(stepLosses.length);
  });
}

/** Reads the unseen digits with the weights as they are. */
async function testModel(model: Sequential, { images, labels }: LabelledImages, grid: DigitGrid): Promise<void> {
  const { data, shape } = await model.predict(images);
  const classes = shape[1]!;
  const read = labels.data.map((_, i) => largest(data.subarray(i * classes, (i + 1) * classes)));
  accuracy = labels.data.filter((label, i) => label === read[i]).length / read.length;
  accuracyChart.add(stepLosses.length, accuracy);
  grid.show(read);
  draw();
}

/** What `fit` calls around each step. */
function progress(afterTestInterval: () => Promise<void>): Callback {
  let began = 0;
  return {
    onBatchBegin: () => void (began = performance.now()),
    onBatchEnd: async (_, logs) => {
      const size = logs.size!;
      samplesPerSecond.add((1000 * size) / (performance.now() - began));
      stepLosses.push(logs.loss!);
      samplesSeen += size;
      loss.add(logs.loss! / size);
      lossChart.add(stepLosses.length, logs.loss! / size);
      draw();
      if (stepLosses.length % testEverySteps === 0) await afterTestInterval();
    },
  };
}

async function load(): Promise<void> {
  const [response] = await Promise.all([fetch('./digits.bin'), init()]);
  if (!response.ok) throw new Error(`digits.bin: ${response.status} ${response.statusText}`);
  const { train, test } = splitDigits(decodeDigits(new Uint8Array(await response.arrayBuffer())));
  const model = makeModel(seed);
  const grid = new DigitGrid(byId('digits'), sliceDigits(test, 0, digitsShown));
  byId('test-size').textContent = test.labels.data.length.toLocaleString();
  await testModel(model, test, grid);

  let runs = 0;
  let running = false;
  const callback = progress(() => testModel(model, test, grid));
  async function run(): Promise<void> {
    running = true;
    showState('Stop', 'Training. The page stays usable meanwhile.');
    await trainModel(model, train, { epochs, steps, seed: seed + runs++, callback });
    await testModel(model, test, grid);
    running = false;
    showState('Start', `Stopped after ${stepLosses.length.toLocaleString()} steps.`);
  }
  byId('toggle').addEventListener('click', () => {
    if (running) model.stopTraining = true;
    else run().catch(fail);
  });
  showState('Start', `Ready: ${train.labels.data.length.toLocaleString()} digits to train on.`);
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
