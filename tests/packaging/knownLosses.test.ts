import * as library from 'fourlane';
import { expect, test } from 'vitest';
import { makeModel, tenSteps } from './apps/shared/tenSteps.js';
import { knownLosses } from './inApps/app.ts';

test('the losses that apps must come to are those of the build simd (storeKnownLosses.ts stores them anew)', async () => {
  await library.init({ build: 'simd', threads: 1 });
  const losses = await tenSteps(makeModel(library));
  expect(losses).toEqual(await knownLosses());
  expect(new Set(losses).size).toBe(10);
  expect(losses[9]).toBeLessThan(losses[0]!);
});
