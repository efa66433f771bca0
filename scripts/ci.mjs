// The end of `.ci/run`, after the tests: Miri over the portable kernels, then the verdict on all reports.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot, projectEnvironment, root } from './lib/paths.mjs';
import { cargoReport, readReports, summary, writeReport } from './lib/report.mjs';
import { main } from './lib/shell.mjs';

/** Skips that do not fail the run: of data or specification of the workplace, which a clone need not have. */
const allowed = [/^no folder \.\.\/shared\/\S+ beside the project$/, /^\.\.\/shared\/\S+ is absent$/];

function miri() {
  console.log('\nMiri');
  const env = { ...projectEnvironment(), MIRIFLAGS: '-Zmiri-permissive-provenance' };
  const { stdout, status } = spawnSync('cargo', ['miri', 'test', '--workspace', '--no-fail-fast'], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  process.stdout.write(stdout ?? '');
  writeReport(cargoReport('miri', stdout ?? '', status));
}

await main(() => {
  for (const runner of ['vitest', 'packaging']) {
    if (existsSync(inRoot('target', 'reports', `${runner}.json`))) continue;
    writeReport({ runner, passed: 0, failed: 1, skipped: [] });
  }
  miri();
  const reports = readReports();
  const refused = reports
    .flatMap(({ skipped }) => skipped)
    .filter(({ reason }) => !allowed.some((known) => known.test(reason)));
  for (const { test, reason } of refused) console.log(`ci: must not be skipped: ${test}: ${reason}`);
  for (const report of reports) console.log(`${report.runner}: ${summary([report])}`);
  process.exitCode = refused.length > 0 || reports.some(({ failed }) => failed > 0) ? 1 : 0;
  console.log(summary(reports));
});
