import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mnistFolder } from '../../examples/digits/mnistFolder.ts';
import { readPackageDigits } from '../../examples/digits/packageDigits.ts';
import { loadMnist } from '../../ts/entrypoints/nodeFiles.ts';

const PIXELS = 28 * 28;

test('10,000 digits, every class, in an order that hangs on the seed', async () => {
  const { images, labels } = await readPackageDigits({ seed: 3 });
  expect(images.length).toBe(10_000 * PIXELS);
  expect(labels.length).toBe(10_000);
  const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
  expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  // Shuffled: the first tenth holds about a tenth of each class, five standard deviations at most away from it.
  const first = Array.from(
    { length: 10 },
    (_, digit) => labels.subarray(0, 1000).filter((label) => label === digit).length,
  );
  first.forEach((count, digit) => expect(Math.abs(count - counts[digit]! / 10)).toBeLessThan(5 * Math.sqrt(100)));
  const again = await readPackageDigits({ seed: 3 });
  expect(again.labels).toEqual(labels);
  expect(Buffer.compare(again.images, images)).toBe(0);
  expect((await readPackageDigits({ seed: 4 })).labels).not.toEqual(labels);
});

test('each is a digit of MNIST with its label, byte by byte', async ({ skip }) => {
  const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  skip(!existsSync(folder), '../shared/data is absent');
  // In that copy of the training digits 1 has become 0.
  const key = (image: Uint8Array) => Buffer.from(image.map((byte) => (byte === 1 ? 0 : byte))).toString('latin1');
  const known = new Map<string, number>();
  const { train, test } = await loadMnist(mnistFolder(folder));
  for (const { images, labels } of [train, test]) {
    labels.data.forEach((label, i) => known.set(key(images.data.subarray(i * PIXELS, (i + 1) * PIXELS)), label));
  }
  const { images, labels } = await readPackageDigits();
  const wrong = [...labels.keys()].filter(
    (i) => known.get(key(images.subarray(i * PIXELS, (i + 1) * PIXELS))) !== labels[i],
  );
  expect(wrong).toEqual([]);
});
