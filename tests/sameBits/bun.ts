import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/paths.mjs';

/** An engine that is not V8. */
const VERSION = '1.4.5';

/**
 * The path of Bun, from npm into a folder of the user, as it is 100 MB that only one test needs; or why there is none.
 */
export async function findBun(): Promise<{ path: string } | { missing: string }> {
  const name = `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
  const folder = userCache(`bun-${VERSION}`);
  const path = join(folder, 'node_modules', '@oven', name, 'bin', 'bun');
  if (existsSync(path)) return { path };
  await mkdir(folder, { recursive: true });
  const flags = ['--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', ['install', ...flags, `@oven/${name}@${VERSION}`]);
  } catch (error) {
    return { missing: `Bun could not be fetched: ${(error as Error).message.split('\n')[0]}` };
  }
  return { path };
}
