import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSavedModel, type SavedModel } from '../../ts/io/savedModel.ts';
import { Random } from '../../ts/model/random.ts';
import { optimizers, trainAll } from './killedRun.ts';

/** Longest time from the start of a training to its end by force. */
const LONGEST_MS = 250;

/** What came of many kills. */
export interface Killed {
  kills: number;
  /** Kills after which a checkpoint was there, and trainings that went on from it to their end. */
  resumed: number;
  finished: number;
}

/**
 * Kills trainings at random moments, `kills` times in all, and lets them continue until they end. Throws when a
 * checkpoint cannot be read or is older than the one before, or a result is not that of a training that never stopped.
 */
export async function killAndResume(kills: number, seed: number): Promise<Killed> {
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'fourlane-kill-'));
  const outcome: Killed = { kills: 0, resumed: 0, finished: 0 };
  try {
    for (let round = 0; outcome.kills < kills; round++) {
      const optimizer = Object.keys(optimizers)[round % Object.keys(optimizers).length]!;
      const checkpoint = join(folder, `${round}.checkpoint`);
      const result = join(folder, `${round}.result`);
      let step = 0;
      for (let ended = false; !ended;) {
        const delay = outcome.kills < kills ? random.below(LONGEST_MS * 10) / 10 : Infinity;
        ended = !(await runAndKill([checkpoint, result, optimizer], delay));
        if (ended) break;
        outcome.kills++;
        const now = existsSync(checkpoint) ? stepOf(await load(checkpoint)) : 0;
        if (now < step) throw new Error(`the checkpoint is of step ${now}, the one before was of step ${step}`);
        if (now > 0) outcome.resumed++;
        step = now;
      }
      expectSame(optimizer, await load(result), (await trainAll(optimizer, {})).snapshot());
      outcome.finished++;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return outcome;
}

/** True when it was killed, false when it ended before. */
async function runAndKill(args: readonly string[], delay: number): Promise<boolean> {
  const file = fileURLToPath(new URL('killedRun.ts', import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let timer: NodeJS.Timeout | undefined;
  child.stdout.once('data', () => {
    if (delay !== Infinity) timer = setTimeout(() => child.kill('SIGKILL'), delay);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...ending) => resolve(ending)),
  );
  clearTimeout(timer);
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the training ended with ${signal ?? code}`);
  return signal === 'SIGKILL';
}

async function load(path: string): Promise<SavedModel> {
  return decodeSavedModel(path, await readFile(path));
}

function stepOf({ training }: SavedModel): number {
  return training!.epoch * 1000 + training!.batch;
}

/** Compares all but the speed, and names what differs. */
function expectSame(optimizer: string, got: SavedModel, expected: SavedModel): void {
  const [mine, its] = [partsOf(got), partsOf(expected)];
  const wrong = [...new Set([...mine.keys(), ...its.keys()])].filter((part) => mine.get(part) !== its.get(part));
  if (wrong.length > 0) {
    throw new Error(`${optimizer}: killed and resumed, the training ended in another model: ${wrong.join(', ')}`);
  }
}

function partsOf({ training, tensors, ...rest }: SavedModel): Map<string, string> {
  const { history, ...position } = training!;
  const parts: [string, unknown][] = [
    ...Object.entries(rest),
    ['position', position],
    ['history', { ...history, samplesPerSecond: history.samplesPerSecond.length }],
    ...tensors.map(({ name, shape, data }): [string, unknown] => [
      name,
      [shape, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')],
    ]),
  ];
  return new Map(parts.map(([name, value]) => [name, JSON.stringify(value)]));
}
