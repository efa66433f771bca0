// The packages of the peers: a folder of their own with a lock file of their own, brought when one of them is asked for.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const home = new URL('.', import.meta.url);

/** Installs them unless they are there; a sentence where that fails. */
export function installPeers(): string | undefined {
  if (isInstalled()) return undefined;
  console.log('bench: npm packages of the peers');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', ...options], {
    cwd: fileURLToPath(home),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0 ? undefined : 'npm ci in tests/bench fails; without a network there are no peers from npm';
}

/** The lock file that npm leaves beside the packages names the versions of ours. */
function isInstalled(): boolean {
  try {
    const versions = (file: string): Record<string, string | undefined> => {
      const lock = JSON.parse(readFileSync(new URL(file, home), 'utf8')) as {
        packages: Record<string, { version?: string }>;
      };
      return Object.fromEntries(Object.entries(lock.packages).map(([path, { version }]) => [path, version]));
    };
    const installed = versions('node_modules/.package-lock.json');
    return Object.entries(versions('package-lock.json')).every(
      ([path, version]) => path === '' || installed[path] === version,
    );
  } catch {
    return false;
  }
}
