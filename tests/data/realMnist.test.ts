import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mnistFolder } from '../../examples/digits/mnistFolder.ts';
import { loadMnist } from '../../ts/entrypoints/nodeFiles.ts';

const given = process.env.FOURLANE_DATA;
const folder = given ? given : fileURLToPath(new URL('../../../shared/data', import.meta.url));

test('the published files of MNIST', async ({ skip }) => {
  // A folder that someone named must be there.
  skip(!given && !existsSync(folder), '../shared/data is absent');
  const { train, test } = await loadMnist(mnistFolder(folder), { crop: 24 });
  expect(train.images.shape).toEqual([60_000, 24, 24, 1]);
  expect(test.images.shape).toEqual([10_000, 24, 24, 1]);
  // How often each class occurs, as published.
  const counts = (labels: Uint8Array) =>
    Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
  expect(counts(train.labels.data)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(counts(test.labels.data)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  expect([...test.labels.data.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});
