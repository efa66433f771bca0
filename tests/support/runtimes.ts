import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/paths.mjs';

/** What a test runs a program with; or why there is none. */
export type Runtime = { path: string } | { missing: string };

const arm = process.arch === 'arm64';

/** A Node of this version, from npm. */
export function fetchNode(version: string): Promise<Runtime> {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return fetchRuntime(`node-${platform}-${process.arch}`, version, 'bin/node');
}

/** Bun: JavaScriptCore, an engine that is not V8. */
export function fetchBun(): Promise<Runtime> {
  return fetchRuntime(`@oven/bun-${process.platform}-${arm ? 'aarch64' : process.arch}`, '1.4.5', 'bin/bun');
}

/** Deno: V8 with a Node of its own. */
export function fetchDeno(): Promise<Runtime> {
  const libc = process.platform === 'linux' ? '-glibc' : '';
  return fetchRuntime(`@deno/${process.platform}-${process.arch}${libc}`, '2.9.6', 'deno');
}

/** From npm into a folder of the user, as each is 100 MB that few tests need. */
async function fetchRuntime(name: string, version: string, file: string): Promise<Runtime> {
  const folder = userCache(`${name.replace('@', '').replace('/', '-')}-${version}`);
  const path = join(folder, 'node_modules', name, file);
  if (existsSync(path)) return { path };
  await mkdir(folder, { recursive: true });
  const flags = ['--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', ['install', ...flags, `${name}@${version}`]);
  } catch (error) {
    return { missing: `${name} ${version} could not be fetched: ${(error as Error).message.split('\n')[0]}` };
  }
  return existsSync(path) ? { path } : { missing: `${name} ${version} has no ${file}` };
}
