// `npm run paper`: the paper's statements and update orders, measured, and a report on them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runExample } from '../digits/commandLine.ts';
import { measure } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { Progress } from './progress.ts';
import { document, PLOT_FOLDER, plotName } from './report/document.ts';
import { lossPlot } from './report/plot.ts';
import { numbersText, type Results } from './report/results.ts';
import { verdict } from './report/verdict.ts';

const NUMBERS = 'paper-results.json';

/** The report and its plots, from the numbers in the folder. */
function report(folder: string): Results {
  const results = JSON.parse(readFileSync(join(folder, NUMBERS), 'utf8')) as Results;
  mkdirSync(join(folder, PLOT_FOLDER), { recursive: true });
  writeFileSync(join(folder, 'paper-results.md'), document(results));
  results.comparisons.forEach((comparison, index) =>
    writeFileSync(join(folder, PLOT_FOLDER, plotName(index)), lossPlot(comparison)),
  );
  return results;
}

await runExample(usage, async () => {
  const options = readOptions(process.argv.slice(2), process.env);
  if (!options.report) {
    const results = await measure(options, new Progress());
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, NUMBERS), numbersText(results));
  }
  const results = report(options.out);
  for (const { question, short } of verdict(results.comparisons)) console.log(`${question} ${short}`);
  console.log(`written: ${join(options.out, 'paper-results.md')}`);
});
