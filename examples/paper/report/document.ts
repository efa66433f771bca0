import type { ComparisonResult, MethodResult } from '../experiment/summary.ts';
import { judge, statements, type StatementName } from '../statements/index.ts';
import { stepLimit } from '../statements/stepLimit.ts';
import type { Results } from './results.ts';
import { verdict } from './verdict.ts';

/** Folder of the plots, beside the document. */
export const PLOT_FOLDER = 'paper-results';

export function plotName(index: number): string {
  return `loss-${index + 1}.svg`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three digits, without an exponent. */
function digits(value: number | null): string {
  if (value === null) return 'not reached';
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function percent(part: number): string {
  return `${Number((100 * part).toPrecision(3))} %`;
}

function statementRows({ statements: numbers, digitsStepLimit }: Results): string {
  const rows = (Object.keys(statements) as StatementName[]).map((name) => {
    const { title, claim } = statements[name];
    const { holds, says } = judge(name, numbers);
    return [title, claim, holds ? 'holds' : 'does not hold', says];
  });
  const { holds, says } = stepLimit.judge(digitsStepLimit);
  const ofDigits = [
    "The same for the paper's network on digits",
    stepLimit.claim,
    holds ? 'holds' : 'does not hold',
    says,
  ];
  const at = rows.findIndex(([title]) => title === stepLimit.title) + 1;
  return table(
    ['statement', 'in our words', 'verdict', 'measured'],
    [...rows.slice(0, at), ofDigits, ...rows.slice(at)],
  );
}

function methodRow(result: MethodResult, { seeds, targets, tunedFor }: ComparisonResult): string[] {
  const { method, rates, ratesOf, work, priced, diverged, accuracy, cpuMsPerJointStep } = result;
  return [
    method,
    ...(ratesOf === null ? [digits(rates.eta), digits(rates.alpha)] : [`of ${ratesOf}`, `of ${ratesOf}`]),
    work.map(digits).join(' / '),
    digits(priced[targets.indexOf(tunedFor)]!),
    2 * diverged > seeds.length ? '' : percent(accuracy),
    String(diverged),
    cpuMsPerJointStep === null ? '' : digits(cpuMsPerJointStep),
  ];
}

function comparisonSection(comparison: ComparisonResult, index: number): string {
  const { problem, seeds, tuningSeeds, limit, targets, tunedFor, methods } = comparison;
  const header = [
    ...['order', 'eta', 'alpha = beta', `work to ${targets.map(percent).join(' / ')}`],
    ...[`work to ${percent(tunedFor)}, paper's costs`, 'other samples read right', 'diverged', 'ms per unit of work'],
  ];
  const chosen =
    tuningSeeds.length === 0
      ? 'rates not chosen but set, for all the same'
      : `rates chosen for ${percent(tunedFor)} of the first loss on seed${tuningSeeds.length === 1 ? '' : 's'} ${tuningSeeds.join(', ')}`;
  return `### ${problem[0]!.toUpperCase()}${problem.slice(1)}

${seeds.length === 1 ? 'Seed' : 'Medians of seeds'} ${seeds.join(', ')}, at most ${limit} units of work; ${chosen}.

${table(
  header,
  methods.map((result) => methodRow(result, comparison)),
)}

![Loss against work: ${problem}](${PLOT_FOLDER}/${plotName(index)})`;
}

/** The whole report, in Markdown. It follows from the results alone. */
export function document(results: Results): string {
  const { quick, digits: source, comparisons, machine } = results;
  const answers = verdict(comparisons).map(({ question, short, lines }) =>
    [`- **${question}** ${short[0]!.toUpperCase()}${short.slice(1)}.`, ...lines].join('\n  - '),
  );
  return `# The paper's statements and update orders, measured

Written by \`npm run paper${quick ? ' -- --quick' : ''}\`, words included: they follow from the numbers, which are in
[paper-results.json](paper-results.json). Build \`simd\`, one thread, digits from ${source}; everything but times is
the same on every machine with this version of the kernels. ${machine.name}; ${Math.round(machine.cpuSeconds)} s of processor time.

## Verdict

On section 4.1, which asks for one update of every layer per pass and calls it wasteful to find the best output weights
before the other layers are touched. Work is that to the loss that rates were chosen for, at the paper's costs;
differences below 10 % count as none.

${answers.join('\n')}

## Statements

${statementRows(results)}

## Update orders

A unit of work is one joint step: a forward pass, the gradients of all weights, and the deltas, counted in
multiplications and additions of each layer. "Paper's costs" charges the same run with the layer costs of the paper's
network, where an update of the output layer alone costs 1/589 of a joint step. A run starts from random weights, uses all
its samples in every pass, and ends at the last of its losses (parts of the first) or when its work is used up; other
samples are read then. Rates are chosen for each order by itself: from a start, eta, alpha or both are doubled and halved
until nothing is better. Times are of the processor; they are missing where a call of the engine computes more than the
order needs, or a run is too short.

${comparisons.map(comparisonSection).join('\n\n')}
`;
}
