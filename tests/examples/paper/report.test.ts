import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { document, PLOT_FOLDER, plotName } from '../../../examples/paper/report/document.ts';
import { lossPlot } from '../../../examples/paper/report/plot.ts';
import { numbersText, type Results } from '../../../examples/paper/report/results.ts';

function docs(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');
}

const results = JSON.parse(docs('paper-results.json')) as Results;

describe('docs/paper-results', () => {
  it('is of a full run', () => {
    expect(results.quick).toBe(false);
    expect(results.comparisons.map(({ seeds }) => seeds.length)).toEqual([5, 5, 3]);
    expect(numbersText(results)).toBe(docs('paper-results.json'));
  });

  it('says what follows from the numbers, and nothing else', () => {
    expect(docs('paper-results.md')).toBe(document(results));
  });

  it('has the plots of the numbers', () => {
    results.comparisons.forEach((comparison, index) => {
      expect(docs(`${PLOT_FOLDER}/${plotName(index)}`)).toBe(lossPlot(comparison));
    });
  });
});

describe('the report', () => {
  it('has every number of a table', () => {
    const text = document(results);
    for (const { methods, tunedFor, targets } of results.comparisons) {
      for (const { method, priced } of methods) {
        const row = text.split('\n').find((line) => line.startsWith(`| ${method} |`) && !line.includes('statement'))!;
        expect(row).toBeDefined();
        const work = priced[targets.indexOf(tunedFor)]!;
        const cell =
          work === null ? 'not reached' : work >= 100 ? work.toFixed(0) : String(Number(work.toPrecision(3)));
        expect(text).toContain(` | ${cell} | `);
      }
    }
  });

  it('follows other numbers', () => {
    const other = structuredClone(results);
    const [comparison] = other.comparisons;
    comparison!.methods.forEach(
      (method) => (method.priced = method.priced.map(() => (method.method === 'joint' ? 1 : 999))),
    );
    other.comparisons = [comparison!];
    other.statements.inputConvexity.bulging = 0;
    const text = document(other);
    expect(text).toContain('Is one update of every layer per pass the least work?** Yes.');
    expect(text).toMatch(/The loss is convex in the input \|[^|]*\| holds \|/);
    expect(text).toContain('| 999 |');
  });
});

describe('a plot', () => {
  const [comparison] = results.comparisons;

  it('has a line and a name for each method, and finite numbers', () => {
    const svg = lossPlot(comparison!);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    const lines = /aria-label="line"[^>]*>(.*?)<\/g>/.exec(svg)![1]!;
    expect(lines.match(/<path/g)).toHaveLength(comparison!.methods.length);
    for (const { method } of comparison!.methods) expect(svg).toContain(`>${method}</text>`);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('leaves out what is not finite', () => {
    const [first] = comparison!.methods;
    const curve: [number, number][] = [
      [1, 1],
      [2, 0.5],
      [4, Infinity],
    ];
    const svg = lossPlot({ ...comparison!, methods: [{ ...first!, curve }] });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
