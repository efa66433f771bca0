import type { LabelledImages } from 'fourlane/data';

/** Height and width of a picture: the middle of MNIST's 28 x 28. */
export const SIDE = 24;

const pixels = SIDE * SIDE;

/** The bytes of `digits.bin`: all labels, then all pictures, a byte per label and pixel. */
export function encodeDigits({ images, labels }: LabelledImages): Uint8Array {
  const bytes = new Uint8Array(labels.data.length + images.data.length);
  bytes.set(labels.data);
  bytes.set(images.data, labels.data.length);
  return bytes;
}

/** Pictures `[N, 24, 24, 1]` and labels `[N]` in the bytes of `digits.bin`. Throws where these fit no number of digits. */
export function decodeDigits(bytes: Uint8Array): LabelledImages {
  const count = bytes.length / (1 + pixels);
  if (!Number.isInteger(count)) {
    throw new Error(`digits.bin: ${bytes.length} bytes are no multiple of ${1 + pixels}, a label and ${pixels} pixels`);
  }
  return labelled(bytes.subarray(count), bytes.subarray(0, count));
}

/** The digits `[start, end)`, without a copy. */
export function sliceDigits({ images, labels }: LabelledImages, start: number, end: number): LabelledImages {
  return labelled(images.data.subarray(start * pixels, end * pixels), labels.data.subarray(start, end));
}

function labelled(images: Uint8Array, labels: Uint8Array): LabelledImages {
  const count = labels.length;
  return {
    images: { data: images, shape: [count, SIDE, SIDE, 1], scale: 1 / 255 },
    labels: { data: labels, shape: [count] },
  };
}
