import type { ComparisonResult } from '../experiment/summary.ts';
import type { StatementNumbers } from '../statements/index.ts';
import type { StepLimit } from '../statements/stepLimit.ts';

/** All that a run found: what the report is written from, and nothing else. */
export interface Results {
  quick: boolean;
  /** Where the digits are from. */
  digits: string;
  statements: StatementNumbers;
  /** On the hidden values of the paper's network, for the digits. */
  digitsStepLimit: StepLimit;
  comparisons: ComparisonResult[];
  /** What hangs on the machine. */
  machine: { name: string; cpuSeconds: number };
}

/** As JSON, of six digits a number. */
export function numbersText(results: Results): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  return `${JSON.stringify(results, rounded, 1)}\n`;
}
