// `node scripts/run.mjs [--build] FILE [ARGUMENTS]`: sets up, builds when asked, and runs FILE on the project's own
// Node (the npm package `node`), whatever the machine has.
import { spawnSync } from 'node:child_process';
import { inRoot, npmBin, projectEnvironment, root } from './lib/paths.mjs';
import { setUp } from './lib/setup.mjs';
import { main } from './lib/shell.mjs';

function runOnProjectNode(file, args) {
  const node = `${npmBin}/node`;
  const result = spawnSync(node, [inRoot(file), ...args], { cwd: root, stdio: 'inherit', env: projectEnvironment() });
  if (result.error !== undefined) throw result.error;
  return result.status ?? 1;
}

await main(() => {
  const args = process.argv.slice(2);
  const build = args[0] === '--build';
  const [file, ...rest] = build ? args.slice(1) : args;
  setUp();
  let status = build ? runOnProjectNode('scripts/build.mjs', ['--quiet']) : 0;
  if (status === 0) status = runOnProjectNode(file, rest);
  process.exitCode = status;
});
