// The training of the page, in Node: `node trainInNode.ts DIGITS STEPS SEED` prints the loss of each step as JSON, in
// which numbers keep all their bits.
import { readFile } from 'node:fs/promises';
import { createTrainer } from 'fourlane/worker';
import { decodeDigits } from '../../examples/mnist-browser/digits.ts';
import { makeModel, splitDigits, trainModel } from '../../examples/mnist-browser/training.ts';

const [file, steps, seed] = process.argv.slice(2);
const { train } = splitDigits(decodeDigits(await readFile(file!)));
const losses: number[] = [];
await trainModel(await createTrainer(makeModel(Number(seed))), train, {
  epochs: 1,
  steps: Number(steps),
  seed: Number(seed),
  callback: { onBatchEnd: (_, logs) => void losses.push(logs.loss!) },
});
console.log(JSON.stringify(losses));
