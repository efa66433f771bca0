import { digits, markdownTable, percent } from './markdownTable.ts';
import type { ProfiledStep } from './protocol.ts';

/** Time and GFLOP/s of every step of a plan, and how much of the whole each one is. */
export function profileTable(title: string, steps: readonly ProfiledStep[]): string {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  const rows = steps.map(({ phase, layer, kernel, ms, gflops }) => [
    ...[phase, layer, kernel, ms.toFixed(3), percent(ms / total)],
    gflops === undefined ? '' : digits(gflops),
  ]);
  rows.push(['', '', 'sum of all steps', total.toFixed(3), '', '']);
  return `${title}\n\n${markdownTable(['phase', 'layer', 'kernel', 'ms', 'share', 'GFLOP/s'], rows, 3)}`;
}
