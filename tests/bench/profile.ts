import { digits, markdownTable, percent } from './markdownTable.ts';
import type { ProfileReply } from './protocol.ts';

/** Time and GFLOP/s of every step of a plan, its share of their sum, and what a whole step takes beside that. */
export function profileTable(title: string, { steps, wholeMs }: ProfileReply): string {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  const rows = steps.map(({ phase, layer, kernel, ms, gflops }) => [
    ...[phase, layer, kernel, ms.toFixed(3), percent(ms / total)],
    gflops === undefined ? '' : digits(gflops),
  ]);
  rows.push(['', '', 'sum', total.toFixed(3), '', '']);
  rows.push(['', '', 'whole step, as called', wholeMs.toFixed(3), percent(wholeMs / total), '']);
  return `${title}\n\n${markdownTable(['phase', 'layer', 'kernel', 'ms', 'share', 'GFLOP/s'], rows, 3)}`;
}
