import { integer, parseOptions } from '../digits/commandLine.ts';
import { trainingNames, trainingOptions, trainingUsage, type TrainingOptions } from '../digits/trainingOptions.ts';

/** What may follow `npm run example:five-layer --`. The target is for each network, on average. */
export interface Options extends TrainingOptions {
  /** How often each network is trained, with seeds 1, 2 and so on. */
  seeds: number;
}

export const usage = `npm run example:five-layer -- [options]
${trainingUsage}
                         (default one for each network)
  --seeds N              how often each network is trained, with other weights and orders (default 3)
  --target-accuracy X    fraction of the held-out digits; exit code 1 if a network reads fewer right on average`;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, [...trainingNames, 'seeds']);
  return { ...trainingOptions(values, environment), seeds: integer('--seeds', values.seeds, 1) ?? 3 };
}
