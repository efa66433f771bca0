// Running commands.
import { spawnSync } from 'node:child_process';
import { root } from './paths.mjs';

/** A failure that is the user's to mend: printed as a sentence, without a stack. */
export class Problem extends Error {}

/** Output of a command, or undefined when it is missing or fails. */
export function output(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Runs a command with its output on the terminal. Throws a Problem with `remedy` when it fails. */
export function run(command, args, { remedy = '', ...options } = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) throw new Problem(`${command}: ${result.error.message}. ${remedy}`);
  if (result.status !== 0) throw new Problem(`\`${[command, ...args].join(' ')}\` failed. ${remedy}`.trim());
}

/** Runs a script's main function; a Problem ends the process with its sentence and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Problem ? `\n${error.message}` : error);
    process.exit(1);
  }
}
