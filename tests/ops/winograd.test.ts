import { beforeAll, expect, test } from 'vitest';
import { init } from '../../ts/entrypoints/node.ts';
import { errorsOf } from './winogradErrors.ts';

beforeAll(async () => {
  await init();
});

/** What docs/accuracy.md promises. */
const promised = { off: 1e-5, f2: 1e-5, auto: 3e-5 };

test.each([
  [3, 16],
  [3, 64],
  [3, 128],
  [2, 32],
  [5, 16],
  [5, 64],
])('errors of kernels of %i with %i channels are what is promised', (side, channels) => {
  const of = errorsOf(channels, side);
  const rows = [
    [of(false), promised.off],
    [of('f2'), promised.f2],
    [of('auto'), promised.auto],
  ] as const;
  for (const [errors, most] of rows) for (const error of Object.values(errors)) expect(error).toBeLessThan(most);
  // The fast ones are other algorithms indeed.
  expect(of('auto').forward).toBeGreaterThan(of(false).forward);
});
