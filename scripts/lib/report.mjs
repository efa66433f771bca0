// What the test runners report, and their sum.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';

/** One JSON file per runner: { runner, passed, failed, skipped: [{ test, reason }] }. */
export const reportFolder = inRoot('target', 'reports');

/** Forgets the reports of earlier runs. */
export function clearReports() {
  rmSync(reportFolder, { recursive: true, force: true });
  mkdirSync(reportFolder, { recursive: true });
}

export function writeReport(report) {
  mkdirSync(reportFolder, { recursive: true });
  writeFileSync(join(reportFolder, `${report.runner}.json`), JSON.stringify(report));
}

export function readReports() {
  const files = readdirSync(reportFolder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(join(reportFolder, name), 'utf8')));
}

/** `N passed, N failed, N skipped` over all reports. */
export function summary(reports) {
  const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
  const [passed, failed] = [sum((report) => report.passed), sum((report) => report.failed)];
  return `${passed} passed, ${failed} failed, ${sum((report) => report.skipped.length)} skipped`;
}

/**
 * The report of `cargo test` or of Miri from its output: one `test result:` line per test binary. Text without one, as
 * after a compile error, or a run that ended badly without a failed test counts as one failure.
 */
export function cargoReport(runner, text, status) {
  const results = [...text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
  const count = (group) => results.reduce((total, result) => total + Number(result[group]), 0);
  const ignored = [...text.matchAll(/^test (\S+).* \.\.\. ignored(?:, (.*))?$/gm)];
  const failed = count(2);
  return {
    runner,
    passed: count(1),
    failed: status === 0 && results.length > 0 ? failed : Math.max(1, failed),
    skipped: ignored.map(([, test, reason]) => ({ test, reason: reason ?? 'ignored' })),
  };
}

/** The report of a run of the golden files: lines `skip NAME: REASON`, and the counts in the last line. */
export function goldenReport(text, status) {
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(text);
  const skipped = [...text.matchAll(/^skip\s+(.+?): (.+)$/gm)].map(([, test, reason]) => ({ test, reason }));
  const failed = Number(counts?.[2] ?? 1);
  return {
    runner: 'golden',
    passed: Number(counts?.[1] ?? 0),
    failed: status === 0 ? failed : Math.max(1, failed),
    skipped,
  };
}
