import { parseArgs } from 'node:util';
import { UsageError } from './dataFolder.ts';

/**
 * Values of the named options of a command line, each with one value, and `true` for each of `flags` that is there. Throws
 * a UsageError for anything else.
 */
export function parseOptions<Name extends string, Flag extends string = never>(
  args: string[],
  names: readonly Name[],
  flags: readonly Flag[] = [],
) {
  try {
    const typed = (type: 'string' | 'boolean') => (name: string) => [name, { type }] as const;
    const options = Object.fromEntries([...names.map(typed('string')), ...flags.map(typed('boolean'))]);
    return parseArgs({ args, options }).values as { [name in Name]?: string } & { [flag in Flag]?: boolean };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A number in a range. */
export function number(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < least || value > most) {
    const range = most === Infinity ? `a number >= ${least}` : `a number from ${least} to ${most}`;
    throw new UsageError(`${option} must be ${range}, got ${JSON.stringify(text)}`);
  }
  return value;
}

/** An integer of at least `least`. */
export function integer(option: string, text: string | undefined, least: number): number | undefined {
  const value = text === undefined ? undefined : Number(text);
  if (value !== undefined && (!Number.isSafeInteger(value) || value < least || text!.trim() === '')) {
    throw new UsageError(`${option} must be an integer >= ${least}, got ${JSON.stringify(text)}`);
  }
  return value;
}

/**
 * Runs an example. A UsageError prints its message with the usage and sets exit code 2, any other error its message
 * alone and exit code 1.
 */
export async function runExample(usage: string, example: () => Promise<void>): Promise<void> {
  try {
    await example();
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
    else console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
