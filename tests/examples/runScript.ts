import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How a script ended, and all that it wrote. */
export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a script of the folder examples: what its npm script comes down to once everything is built. The digits are those
 * of the npm package, as $FOURLANE_DATA is left out of the environment, unless `environment` has it.
 */
export async function runScript(
  script: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  const path = fileURLToPath(new URL(`../../examples/${script}`, import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  if (environment.FOURLANE_DATA === undefined) delete env.FOURLANE_DATA;
  const child = spawn(process.execPath, [path, ...args], { env });
  const ended = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (ended.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (ended.stderr += String(chunk)));
  const [status] = (await once(child, 'close')) as [number];
  return { status, ...ended };
}
