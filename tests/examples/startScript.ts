import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a script of the folder examples: what its npm script comes down to once everything is built. The digits are those
 * of the npm package, as $FOURLANE_DATA is left out of the environment, unless `environment` has it.
 */
export function startScript(
  script: string,
  args: readonly string[],
  { environment = {}, stdio = 'pipe' }: { environment?: Record<string, string>; stdio?: StdioOptions } = {},
): ChildProcess {
  const path = fileURLToPath(new URL(`../../examples/${script}`, import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  if (environment.FOURLANE_DATA === undefined) delete env.FOURLANE_DATA;
  return spawn(process.execPath, [path, ...args], { env, stdio });
}
