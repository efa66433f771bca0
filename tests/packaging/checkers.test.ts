import { execFile } from 'node:child_process';
import { readdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (name: string): string => join(root, 'node_modules', '.bin', name);

/** Bytes that the JavaScript of an entry may take once it is bundled, minified and gzipped. */
const BUDGET = 40_000;

/** A page that uses nothing loads nothing; this one uses everything. */
async function sizeOf(entry: string): Promise<number> {
  const input = { input: join(root, 'dist', entry), platform: 'neutral', external: /^node:/ } as const;
  return gzipSync(await bundle(input, { minify: true, codeSplitting: false }), { level: 9 }).length;
}

test('the main entry keeps to its budget', async () => {
  const size = await sizeOf('browser.js');
  expect(size).toBeGreaterThan(10_000);
  expect(size).toBeLessThan(BUDGET);
});

test('publint has nothing to say', async () => {
  const { stdout } = await run(tool('publint'), ['run', root, '--strict']);
  expect(stdout).toContain('All good!');
});

test('the types resolve as what they describe', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fourlane-attw-'));
  try {
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
    const [tarball] = await readdir(folder);
    // Its exit code is 1 where there is a problem.
    const { stdout } = await run(tool('attw'), [join(folder, tarball!), '--profile', 'esm-only']);
    expect(stdout).toContain('fourlane/inline');
  } finally {
    await rm(folder, { recursive: true });
  }
});
