import { DataError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import type { Pair } from '../ops/geometry.ts';
import { checkKnown } from '../options.ts';
import { centerCrop } from './centerCrop.ts';
import { readIdx, type NamedBytes } from './idx.ts';
import { checkLabels } from './oneHot.ts';

/** IDX files of unsigned bytes with three axes, and with one. */
const imagesMagic = 0x00000803;
const labelsMagic = 0x00000801;

const classes = 10;

/** The four files of MNIST or of a set in the same form, e.g. Fashion-MNIST; plain or gzip. */
export interface MnistFiles {
  trainImages: NamedBytes;
  trainLabels: NamedBytes;
  testImages: NamedBytes;
  testLabels: NamedBytes;
}

/** Options of {@link readMnist}. */
export interface MnistOptions {
  /** Keep the middle of each picture only: its size, or [height, width]. Default all. */
  crop?: number | Pair;
}

/** Pictures with what they show. */
export interface LabelledImages {
  /** `[N, height, width, 1]`, 0 background to 255 ink; `scale` 1 / 255 makes that 0 to 1. */
  images: NDArray<Uint8Array>;
  /** `[N]`, integers in [0, 10). */
  labels: NDArray<Uint8Array>;
}

/** 60,000 digits to train on and 10,000 to test with, in the order of the files. */
export interface Mnist {
  train: LabelledImages;
  test: LabelledImages;
}

/**
 * MNIST from the bytes of its four files. Rejects with a DataError, naming the file, for a wrong magic number, a length
 * other than the header says, a label out of range, or counts of images and labels that differ.
 */
export async function readMnist(files: MnistFiles, options: MnistOptions = {}): Promise<Mnist> {
  checkKnown('readMnist', options, ['crop']);
  return {
    train: await readPart(files.trainImages, files.trainLabels, options),
    test: await readPart(files.testImages, files.testLabels, options),
  };
}

async function readPart(imageFile: NamedBytes, labelFile: NamedBytes, { crop }: MnistOptions): Promise<LabelledImages> {
  const pictures = (await readIdx(imageFile, imagesMagic)) as NDArray<Uint8Array>;
  const labels = (await readIdx(labelFile, labelsMagic)) as NDArray<Uint8Array>;
  const [images, found] = [pictures.shape[0], labels.shape[0]];
  if (found !== images) {
    throw new DataError(`${labelFile.name}: ${found} labels for the ${images} images of ${imageFile.name}`);
  }
  checkLabels(labelFile.name, labels.data, classes);
  const whole = { data: pictures.data, shape: [...pictures.shape, 1], scale: 1 / 255 };
  return { images: crop === undefined ? whole : centerCrop(whole, crop), labels };
}
