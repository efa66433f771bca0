import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { deviation, type Tensor } from './arrays.ts';

/** docs/paper.md. */
export const page = readFileSync(new URL('../../docs/paper.md', import.meta.url), 'utf8');

/** The text of each section by its heading. */
export const sections: ReadonlyMap<string, string> = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end).trim(), section.slice(end)];
    }),
);

/** float32 against float64 over sums of some hundred products. */
const TOLERANCE = 2e-6;

/** Fails unless the tensors agree but for the rounding of float32; NaN fails. */
export function expectHolds(got: Tensor, truth: Tensor): void {
  expect(deviation(got, truth)).toBeLessThanOrEqual(TOLERANCE);
}

/**
 * Fails unless a form that does not hold is off by what the section of its equation says: a whole number of percent of
 * the largest entry, for the network of these tests.
 */
export function expectStated(equation: string, printed: Tensor, truth: Tensor): void {
  const percent = Math.round(100 * deviation(printed, truth));
  const section = [...sections].find(
    ([heading]) => heading.startsWith(`${equation} `) || heading.startsWith(`${equation}:`),
  );
  expect(section, `docs/paper.md has no section "${equation}"`).toBeDefined();
  expect(percent, 'a form that holds is no counterexample').toBeGreaterThan(1);
  expect(section![1], `${equation}: docs/paper.md must say ${percent} %`).toMatch(new RegExp(`(?<!\\d)${percent} %`));
}
