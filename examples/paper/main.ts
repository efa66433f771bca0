// `npm run paper`: the paper's statements and update orders, measured, and a report on them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../digits/dataFolder.ts';
import { measure } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { Progress } from './progress.ts';
import { document, PLOT_FOLDER, plotName } from './report/document.ts';
import { lossPlot } from './report/plot.ts';
import type { Results } from './report/results.ts';
import { verdict } from './report/verdict.ts';

/** Numbers, report and plots. */
function write(folder: string, results: Results): void {
  mkdirSync(join(folder, PLOT_FOLDER), { recursive: true });
  writeFileSync(join(folder, 'paper-results.json'), `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(join(folder, 'paper-results.md'), document(results));
  results.comparisons.forEach((comparison, index) =>
    writeFileSync(join(folder, PLOT_FOLDER, plotName(index)), lossPlot(comparison)),
  );
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  const results = await measure(options, new Progress());
  write(options.out, results);
  for (const { question, short } of verdict(results.comparisons)) console.log(`${question} ${short}`);
  console.log(`written: ${join(options.out, 'paper-results.md')}`);
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
