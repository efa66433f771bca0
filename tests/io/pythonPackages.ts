import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/paths.mjs';

/** The reference reader of the format. */
const PACKAGES = ['safetensors==0.5.3', 'numpy==2.2.6'];

/**
 * A Python that has the package safetensors, in a virtual environment in a folder of the user; or why there is none.
 */
export async function findPython(): Promise<{ path: string } | { missing: string }> {
  const folder = userCache(PACKAGES.join('-').replaceAll('==', '-'));
  const path = join(folder, 'bin', 'python');
  const run = promisify(execFile);
  if (existsSync(join(folder, 'complete'))) return { path };
  try {
    await run('python3', ['-m', 'venv', '--clear', folder]);
    await run(path, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
    await run(path, ['-c', `import safetensors.numpy; open(${JSON.stringify(join(folder, 'complete'))}, "w").close()`]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `Python with safetensors could not be made: ${(error as Error).message.split('\n')[0]}` };
  }
  return { path };
}
