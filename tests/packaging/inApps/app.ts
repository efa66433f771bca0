import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm, packTarball } from '../installPackage.ts';

const apps = fileURLToPath(new URL('../apps', import.meta.url));

/** The losses of the ten steps that every app trains, with the build `simd`, to the last bit. */
export async function knownLosses(): Promise<number[]> {
  return JSON.parse(await readFile(join(apps, 'knownLosses.json'), 'utf8')) as number[];
}

/**
 * An app of `../apps` as a user has it: in a folder of its own, with what its package.json names and the packed package
 * installed. Gone when the test ends.
 */
export async function makeApp(name: string): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), `fourlane-${name}-`));
  const app = { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  try {
    // What apps have in common, then what is their own.
    for (const part of ['shared', name]) await cp(join(apps, part), folder, { recursive: true });
    await using tarball = await packTarball();
    await npm(folder, ['install', tarball.path, '--omit=dev', '--no-audit', '--no-fund']);
    return app;
  } catch (error) {
    await app[Symbol.asyncDispose]();
    throw error;
  }
}
