// `npm run lint`: formatting and lint of both languages; third-party notices are up to date.
import { existsSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';
import { main, run } from './lib/shell.mjs';

const REMEDY = '`npm run format` mends the formatting.';

await main(() => {
  run('cargo', ['fmt', '--all', '--check'], { remedy: REMEDY });
  run('cargo', ['clippy', '--all-targets', '--quiet', '--', '-D', 'warnings']);
  for (const features of ['+simd128', '+simd128,+relaxed-simd,+atomics']) {
    const env = { ...process.env, RUSTFLAGS: `-C target-feature=${features}` };
    run('cargo', ['clippy', '--target', 'wasm32-unknown-unknown', '--quiet', '--', '-D', 'warnings'], { env });
  }
  run(process.execPath, ['scripts/notices.mjs', '--check']);
  run('prettier', ['--check', '--log-level', 'warn', '.'], { remedy: REMEDY });
  run('eslint', [
    '--max-warnings',
    '0',
    ...['ts', 'tests', 'examples', 'scripts'].filter((path) => existsSync(inRoot(path))),
  ]);
});
