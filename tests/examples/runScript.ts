import { once } from 'node:events';
import { expect } from 'vitest';
import { startScript } from './startScript.ts';

/** How a script ended, and all that it wrote. */
export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a script of the folder examples to its end, as {@link startScript} starts it. */
export async function runScript(
  script: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  const child = startScript(script, args, { environment });
  const ended = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk) => (ended.stdout += String(chunk)));
  child.stderr!.on('data', (chunk) => (ended.stderr += String(chunk)));
  const [status] = (await once(child, 'close')) as [number];
  return { status, ...ended };
}

/** Expects what is said of options that cannot be: the sentence and the usage, with exit code 2, and nothing done. */
export function expectUsageError({ status, stdout, stderr }: Ended, sentence: string, usage: string): void {
  expect(stderr).toContain(sentence);
  expect(stderr).toContain(usage);
  expect(stdout).toBe('');
  expect(status).toBe(2);
}
