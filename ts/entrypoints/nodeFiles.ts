import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedBytes } from '../data/idx.ts';
import { readMnist, type Mnist, type MnistOptions } from '../data/mnist.ts';
import { DataError } from '../errors.ts';

/**
 * MNIST from a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, each plain or with `.gz` (the plain one where there are both). Rejects with a DataError
 * when one is missing, and as {@link readMnist} does for what is in them.
 */
export async function loadMnist(folder: string, options: MnistOptions = {}): Promise<Mnist> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readPlainOrGzip(folder, 'train-images-idx3-ubyte'),
    readPlainOrGzip(folder, 'train-labels-idx1-ubyte'),
    readPlainOrGzip(folder, 't10k-images-idx3-ubyte'),
    readPlainOrGzip(folder, 't10k-labels-idx1-ubyte'),
  ]);
  return readMnist({ trainImages, trainLabels, testImages, testLabels }, options);
}

async function readPlainOrGzip(folder: string, file: string): Promise<NamedBytes> {
  for (const name of [file, `${file}.gz`]) {
    try {
      return { name, bytes: await readFile(join(folder, name)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new DataError(`loadMnist: ${folder} holds neither ${file} nor ${file}.gz`);
}
