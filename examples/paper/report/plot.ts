import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { ComparisonResult } from '../experiment/summary.ts';

/** Loss against work of all methods, as the text of an SVG file. */
export function lossPlot({ problem, methods }: ComparisonResult): string {
  const points = methods.flatMap(({ method, curve }) =>
    curve.filter(([, loss]) => Number.isFinite(loss)).map(([work, loss]) => ({ method, work, loss })),
  );
  const { document } = parseHTML('<html></html>');
  const scale = { type: 'log', grid: true } as const;
  const svg = Plot.plot({
    document,
    width: 900,
    height: 460,
    marginRight: 250,
    marginLeft: 60,
    style: { background: 'white', color: '#222', fontSize: '12px' },
    x: { ...scale, label: "work, in joint steps of the paper's network", tickFormat: ',~g' },
    y: { ...scale, label: `loss as a part of the first (${problem})`, tickFormat: '~g' },
    color: { scheme: 'tableau10', domain: methods.map(({ method }) => method) },
    marks: [
      Plot.line(points, { x: 'work', y: 'loss', stroke: 'method', strokeWidth: 1.6 }),
      ...methods.map(legendEntry),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // Hundredths of a pixel will do.
  return `${svg.outerHTML.replace(/\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2))))}\n`;
}

/** The name of a method in its colour, right of the frame: labels at the ends of the lines would cover each other. */
function legendEntry({ method }: { method: string }, place: number): Plot.Markish {
  const position = { frameAnchor: 'top-right', textAnchor: 'start', dx: 12, dy: 18 * place } as const;
  return Plot.text([{ method }], { text: 'method', fill: 'method', fontWeight: 'bold', ...position });
}
