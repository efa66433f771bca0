import { integer, parseOptions } from '../digits/commandLine.ts';
import { trainingNames, trainingOptions, trainingUsage, type TrainingOptions } from '../digits/trainingOptions.ts';

/** What may follow `npm run train --`. */
export interface Options extends TrainingOptions {
  seed: number;
}

export const usage = `npm run train -- [options]
${trainingUsage}
  --seed N               of the weights and the order of the digits (default 1)
  --target-accuracy X    fraction of the held-out digits; exit code 1 if fewer are read right`;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const values = parseOptions(args, [...trainingNames, 'seed']);
  return { ...trainingOptions(values, environment), seed: integer('--seed', values.seed, 0) ?? 1 };
}
