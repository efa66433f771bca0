// `npm run test:golden`: numbers of other implementations, and what the library makes of them. Reads every *.json of
// the folders in $FOURLANE_GOLDEN (separated by `:`), or of those beside the project, and of tests/fixtures/golden, and
// runs them on every build with one and two threads and with each choice of Winograd's algorithms, or on those of
// `--build`, `--threads` and `--winograd`.
// A line for each case; the last line counts them, and the exit code is 1 when one failed.
import { basename } from 'node:path';
import { init } from '../../ts/entrypoints/node.ts';
import { outcomeOf, type Outcome } from './case.ts';
import { casesOf } from './cases.ts';
import { goldenFolders } from './folders.ts';
import { current, runName, runsOf } from './runs.ts';

const counts = { pass: 0, FAIL: 0, skip: 0 };

/** A name holds no `: `, so that the reason behind it can be told apart. */
function report(name: string, outcome: Outcome): void {
  counts[outcome.status]++;
  const line = `${outcome.status} ${name.replaceAll(': ', ' ')}`;
  console.log(outcome.status === 'pass' ? line : `${line}: ${outcome.reason.replaceAll('\n', ' ')}`);
}

const folders = goldenFolders(process.env.FOURLANE_GOLDEN);
for (const { name, problem } of folders) {
  if (problem !== undefined) report(name, { status: problem.skipped ? 'skip' : 'FAIL', reason: problem.reason });
}
for (const run of runsOf(process.argv.slice(2))) {
  const engine = await init(run.engine);
  current.winograd = run.winograd;
  for (const file of folders.flatMap(({ files }) => files)) {
    for (const golden of casesOf(file)) {
      report(`${basename(file)}, ${golden.name}, ${runName(run)}`, outcomeOf(golden));
    }
  }
  engine.dispose();
}
console.log(`${counts.pass} passed, ${counts.FAIL} failed, ${counts.skip} skipped`);
process.exitCode = counts.FAIL > 0 ? 1 : 0;
