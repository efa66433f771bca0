// `npm test`: lint, types, and every test of both languages. The last line adds up what the runners report.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { main } from './lib/shell.mjs';
import { inRoot, projectEnvironment, root } from './lib/paths.mjs';
import { cargoReport, clearReports, goldenReport, readReports, summary, writeReport } from './lib/report.mjs';

const env = projectEnvironment();

/** Runs a command, its output shown as it comes; output and exit status. */
async function runShown(command, args, more = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (chunk) => {
      text += chunk;
      process[stream].write(chunk);
    });
  }
  const [status] = await once(child, 'close');
  return { text, status };
}

/** A check without tests of its own counts as one. */
function check(runner, file) {
  console.log(`\n${runner}`);
  const { status } = spawnSync(process.execPath, [file], { cwd: root, env, stdio: 'inherit' });
  writeReport({ runner, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: [] });
}

await main(async () => {
  clearReports();
  check('lint', 'scripts/lint.mjs');
  check('types', 'scripts/check.mjs');
  console.log('\nRust');
  const rust = await runShown('cargo', ['test', '--workspace', '--no-fail-fast']);
  writeReport(cargoReport('cargo', rust.text, rust.status));
  console.log('\nThe thread pool, under every order of events');
  const loom = await runShown('cargo', ['test', '--lib', 'pool::model'], {
    RUSTFLAGS: '--cfg loom',
    CARGO_TARGET_DIR: inRoot('target', 'loom'),
  });
  writeReport(cargoReport('loom', loom.text, loom.status));
  console.log('\nTypeScript');
  const vitest = ['run', '--reporter=default', '--reporter=./scripts/lib/vitestReporter.mjs', ...process.argv.slice(2)];
  const { status } = spawnSync('vitest', vitest, { cwd: root, env, stdio: 'inherit' });
  console.log('\nGolden files');
  const golden = await runShown(process.execPath, ['tests/golden/run.ts']);
  writeReport(goldenReport(golden.text, golden.status));

  const reports = readReports();
  if (
    !reports.some(({ runner }) => runner === 'vitest') ||
    (status !== 0 && reports.every(({ failed }) => failed === 0))
  ) {
    reports.push({ runner: 'vitest', passed: 0, failed: 1, skipped: [] });
  }
  console.log('');
  for (const report of reports) {
    for (const { test, reason } of report.skipped) console.log(`skipped, ${report.runner}: ${test}: ${reason}`);
  }
  for (const report of reports) console.log(`${report.runner}: ${summary([report])}`);
  console.log(summary(reports));
  process.exitCode = reports.some(({ failed }) => failed > 0) ? 1 : 0;
});
