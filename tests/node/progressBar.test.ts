import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { init, layers, progressBar, sequential, type FitOptions, type TextStream } from '../../ts/entrypoints/node.ts';
import { randomArray } from '../support/numbers.ts';

beforeAll(async () => void (await init()));
afterEach(() => void vi.restoreAllMocks());

/** A stream that keeps what is written to it. */
function fakeStream(isTTY: boolean): TextStream & { text: string } {
  const stream = {
    isTTY,
    columns: 200,
    text: '',
    write(text: string) {
      stream.text += text;
      return true;
    },
  };
  return stream;
}

/** Two epochs of four batches, the last of half the size. */
async function fit(options: FitOptions): Promise<void> {
  const model = sequential([layers.dense({ units: 2, inputShape: [3] })]);
  model.compile({ loss: 'halfSquaredError', optimizer: 'sgd', metrics: ['accuracy'] });
  try {
    await model.fit(randomArray([14, 3], 1), randomArray([14, 2], 2), { epochs: 2, batchSize: 4, ...options });
  } finally {
    model.dispose();
  }
}

const ESC = String.fromCharCode(27);

/** What is left on the screen: of a line only what was written after the cursor last went to its start. */
function shown(text: string): string {
  const lines = text.split('\n').map((line) => stripVTControlCharacters(line.split(`${ESC}[1G`).at(-1)!));
  return lines.join('\n');
}

/** How the cursor was hidden (`l`) and shown (`h`). */
function cursorChanges(text: string): string {
  const changes = text.split(ESC).filter((part) => part.startsWith('[?25'));
  return changes.map((part) => part[4]).join('');
}

const epochLine = (epoch: number) =>
  new RegExp(String.raw`^epoch ${epoch}/2: loss [\d.]+, accuracy [\d.]+, \d+ samples/s$`);

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

describe('progressBar', () => {
  test('in a pipe, a line per epoch', async () => {
    const stream = fakeStream(false);
    await fit({ callbacks: progressBar({ stream }) });
    const lines = linesOf(stream.text);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(epochLine(1));
    expect(lines[1]).toMatch(epochLine(2));
  });

  test('in a terminal, a bar that a line replaces when the epoch ends', async () => {
    const stream = fakeStream(true);
    await fit({ callbacks: progressBar({ stream }) });
    expect(stream.text).toContain('epoch 1/2 [--------------------] 0 %');
    expect(stream.text).toMatch(
      /epoch 2\/2 \[={20}\] 100 % \| \S+ left \| loss [\d.]+, accuracy [\d.]+, \d+ samples\/s/,
    );
    const lines = linesOf(shown(stream.text));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(epochLine(1));
    expect(lines[1]).toMatch(epochLine(2));
    // Hidden and shown again in each epoch.
    expect(cursorChanges(stream.text)).toBe('lhlh');
  });

  test('shows the means of the epoch so far', async () => {
    const stream = fakeStream(true);
    const bar = progressBar({ stream });
    bar.setParams!({ epochs: 1, samples: 4, batchSize: 3, steps: 2, metrics: ['loss'] });
    await bar.onTrainBegin!();
    await bar.onEpochBegin!(0);
    await bar.onBatchEnd!(0, { batch: 0, size: 3, loss: 1 });
    await bar.onBatchEnd!(1, { batch: 1, size: 1, loss: 5 });
    bar.onTrainSettled!();
    expect(stream.text).toMatch(/100 % \| \S+ left \| loss 2, \d+ samples\/s/);
  });

  test('puts the terminal right when training fails', async () => {
    const stream = fakeStream(true);
    const failing = { onBatchEnd: () => Promise.reject(new Error('mine')) };
    await expect(fit({ callbacks: [progressBar({ stream }), failing] })).rejects.toThrow('mine');
    expect(cursorChanges(stream.text)).toBe('lh');
    const after = stream.text;
    // A bar that still ran would draw itself again.
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(stream.text).toBe(after);
  });
});

describe('verbose', () => {
  test.for([
    [1, true],
    [1, false],
    [2, true],
  ] as const)('%i, terminal: %s', async ([verbose, isTTY]) => {
    const original = process.stdout.isTTY;
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    let written = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
    process.stdout.isTTY = isTTY;
    try {
      await fit({ verbose });
    } finally {
      process.stdout.isTTY = original;
    }
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(epochLine(1));
    expect(written.includes('epoch 1/2 [')).toBe(verbose === 1 && isTTY);
  });

  test('0 is silent', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await fit({});
    expect(log).not.toHaveBeenCalled();
  });
});
