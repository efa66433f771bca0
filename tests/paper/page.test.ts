import { existsSync, readFileSync } from 'node:fs';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { page, sections } from './page.ts';

const root = new URL('../../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Lines of a section that begin with these words, and what follows them. */
const lines = (section: string, words: string): string[] =>
  section
    .split('\n')
    .filter((line) => line.startsWith(`- ${words}`))
    .map((line) => line.slice(words.length + 2));

/** Links of a line: their text without backticks, and where they go. */
const links = (line: string): [text: string, path: string][] =>
  [...line.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text, path]) => [text!.replaceAll('`', ''), path!]);

/** True where a file defines a name: a function, constant, class or method, in either language. */
function defines(path: string, name: string): boolean {
  const text = read(path);
  return new RegExp(`^\\s*(?:pub |export |async |const |function |class |fn )+${name}\\b`, 'm').test(text);
}

/** Titles of the tests of a file. */
function titlesOf(path: string): Set<string> {
  const calls = read(path).matchAll(/\b(?:it|test)(?:\.each\([^)]*\))?\(\s*(['"`])(.*?)\1/gs);
  return new Set([...calls].map(([, , title]) => title!));
}

it('has a section for every equation of the paper', () => {
  const numbers = [...sections.keys()].flatMap((heading) =>
    /^Eq\. [\d and]+:/.test(heading) ? [...heading.split(':')[0]!.matchAll(/\d+/g)].map(Number) : [],
  );
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  expect([...sections.keys()]).toEqual(
    expect.arrayContaining(['Convolution step', 'Equation of M: the second convolution']),
  );
});

describe.each([...sections].map(([heading, text]) => ({ heading, text })))('$heading', ({ heading, text }) => {
  it('has a formula, names what computes it, and the tests that check it', () => {
    expect(text).toContain('```math\n');
    expect(lines(text, 'Computed by: ')).toHaveLength(1);
    expect(lines(text, 'Checked by: ')).toHaveLength(1);
  });

  it('names functions that exist', () => {
    const named = links(lines(text, 'Computed by: ')[0]!);
    expect(named.length).toBeGreaterThan(0);
    for (const [name, path] of named) expect(defines(path, name), `${name} in ${path}`).toBe(true);
  });

  it('names tests that exist', () => {
    const quoted = (line: string): string[] => [...line.matchAll(/"([^"]+)"/g)].map(([, title]) => title!);
    const checked = lines(text, 'Checked by: ')[0]!;
    expect(quoted(checked).length).toBeGreaterThan(0);
    const files = links(checked).map(([shown, path]) => {
      expect(path).toBe(`../${shown}`);
      return path;
    });
    const titles = new Set(files.flatMap((path) => [...titlesOf(path)]));
    for (const title of text
      .split('\n')
      .filter((line) => line.startsWith('- '))
      .flatMap(quoted)) {
      expect(titles, `${heading}: ${title}`).toContain(title);
    }
  });
});

it('has formulas that typeset', () => {
  const inline = [...page.matchAll(/\$`([^`]+)`\$/g)].map(([, formula]) => ({ formula: formula!, displayMode: false }));
  const display = [...page.matchAll(/```math\n([^`]+)```/g)].map(([, formula]) => ({
    formula: formula!,
    displayMode: true,
  }));
  expect(display.length).toBeGreaterThanOrEqual(sections.size);
  for (const { formula, displayMode } of [...inline, ...display]) {
    const render = (): string => katex.renderToString(formula, { displayMode, throwOnError: true, strict: 'error' });
    expect(render, formula).not.toThrow();
  }
  // Nothing else is meant as a formula.
  expect(page.replaceAll(/\$`[^`]+`\$/g, '')).not.toContain('$');
});

it('has links that lead somewhere', () => {
  for (const [, path] of links(page)) {
    if (!path.startsWith('https:')) expect(existsSync(new URL(path, root)), path).toBe(true);
  }
  expect(links(page).length).toBeGreaterThan(50);
});
