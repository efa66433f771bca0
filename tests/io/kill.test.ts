import { expect, it } from 'vitest';
import { killAndResume } from './killing.ts';

it('training that is killed twenty times at random moments ends in the same bits', { timeout: 300_000 }, async () => {
  const { kills, resumed, finished } = await killAndResume(20, Date.now() % 4294967296);
  expect(kills).toBe(20);
  expect(resumed).toBeGreaterThan(0);
  expect(finished).toBeGreaterThan(0);
});
