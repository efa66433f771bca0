// Vitest's own results as a report, named by the option `runner`; see report.mjs.
import { writeReport } from './report.mjs';

export default class Reporter {
  constructor({ runner = 'vitest' } = {}) {
    this.runner = runner;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const report = { runner: this.runner, passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      // A file that cannot be loaded has errors and no tests.
      if (tests.length === 0 || module.errors().length > 0) report.failed += Math.max(1, module.errors().length);
      for (const test of tests) {
        const { state, note } = test.result();
        if (state === 'passed') report.passed++;
        else if (state === 'skipped') report.skipped.push({ test: test.fullName, reason: note ?? 'no reason given' });
        else report.failed++;
      }
    }
    writeReport(report);
  }
}
