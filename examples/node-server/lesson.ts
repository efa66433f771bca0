import { shuffledIndices, type LabelledImages } from 'fourlane/data';

/** Height and width of a picture. */
export const SIDE = 28;

/** A picture, its 28 * 28 pixels by rows from 0 (paper) to 255 (ink), and what it is. */
export interface Correction {
  pixels: readonly number[];
  digit: number;
}

/** Pictures of a lesson, and how many of them are corrections, repeated as often as need be. */
const SIZE = 128;
const CORRECTED = 32;

/** Corrections among known digits that `seed` draws. At least one correction. */
export function makeLesson(corrections: readonly Correction[], known: LabelledImages, seed: number): LabelledImages {
  const pixels = SIDE ** 2;
  const images = new Uint8Array(SIZE * pixels);
  const labels = new Uint8Array(SIZE);
  const drawn = shuffledIndices(known.labels.data.length, seed);
  for (let i = 0; i < SIZE; i++) {
    const correction = i < CORRECTED ? corrections[i % corrections.length] : undefined;
    const from = drawn[i]!;
    images.set(correction?.pixels ?? known.images.data.subarray(from * pixels, (from + 1) * pixels), i * pixels);
    labels[i] = correction?.digit ?? known.labels.data[from]!;
  }
  return {
    images: { data: images, shape: [SIZE, SIDE, SIDE, 1], scale: 1 / 255 },
    labels: { data: labels, shape: [SIZE] },
  };
}
