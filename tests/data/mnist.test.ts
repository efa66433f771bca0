import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, OptionError } from '../../ts/errors.ts';
import { fromArrays, readMnist, type MnistFiles } from '../../ts/entrypoints/data.ts';
import { loadMnist } from '../../ts/entrypoints/nodeFiles.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gzip, idxBytes, someBytes } from './idxBytes.ts';

const bytes = {
  trainImages: idxBytes([3, 5, 4], someBytes(60)),
  trainLabels: idxBytes([3], [7, 0, 9]),
  testImages: idxBytes([1, 5, 4], someBytes(20)),
  testLabels: idxBytes([1], [4]),
};

const fileNames = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

type Part = keyof MnistFiles;
const parts = Object.keys(bytes) as Part[];

function files(changed: Partial<Record<Part, Uint8Array>> = {}): MnistFiles {
  const named = parts.map((part) => [part, { name: fileNames[part], bytes: changed[part] ?? bytes[part] }]);
  return Object.fromEntries(named) as MnistFiles;
}

describe('readMnist', () => {
  test('gives pictures with a channel and a scale, and their labels', async () => {
    const { train, test } = await readMnist(files());
    expect(train.images).toEqual({ data: someBytes(60), shape: [3, 5, 4, 1], scale: 1 / 255 });
    expect(train.labels).toEqual({ data: Uint8Array.of(7, 0, 9), shape: [3] });
    expect(test.images.shape).toEqual([1, 5, 4, 1]);
    expect([...test.labels.data]).toEqual([4]);
  });

  test('feeds batches in any order, scaled', async () => {
    const { images, labels } = (await readMnist(files())).train;
    const dataset = fromArrays(images, labels);
    const [x, y] = [new Float32Array(40), new Int32Array(2)];
    dataset.readX(Uint32Array.of(2, 0), x);
    dataset.readY!(Uint32Array.of(2, 0), y);
    const values = someBytes(60);
    expect(x).toEqual(Float32Array.from([...values.subarray(40), ...values.subarray(0, 20)], (byte) => byte / 255));
    expect([...y]).toEqual([9, 7]);
  });

  test('crops to the middle', async () => {
    const { train } = await readMnist(files(), { crop: [3, 2] });
    const expected = [0, 1, 2].flatMap((n) =>
      [1, 2, 3].flatMap((y) => [1, 2].map((x) => someBytes(60)[(n * 5 + y) * 4 + x]!)),
    );
    expect(train.images).toEqual({ data: Uint8Array.from(expected), shape: [3, 3, 2, 1], scale: 1 / 255 });
  });

  test.for([
    [{ trainImages: bytes.trainLabels }, 'train-images-idx3-ubyte: magic number is 0x00000801, expected 0x00000803'],
    [{ testLabels: bytes.testImages }, 't10k-labels-idx1-ubyte: magic number is 0x00000803, expected 0x00000801'],
    [
      { testImages: bytes.testImages.subarray(0, 30) },
      't10k-images-idx3-ubyte: truncated: shape [1, 5, 4] takes 36 bytes, the file has 30',
    ],
    [
      { trainLabels: idxBytes([3], [7, 0, 10]) },
      'train-labels-idx1-ubyte: labels[2] is 10, expected an integer in [0, 10)',
    ],
    [
      { testLabels: idxBytes([2], [4, 4]) },
      't10k-labels-idx1-ubyte: 2 labels for the 1 images of t10k-images-idx3-ubyte',
    ],
    [
      { trainLabels: idxBytes([2], [4, 4]) },
      'train-labels-idx1-ubyte: 2 labels for the 3 images of train-images-idx3-ubyte',
    ],
  ] as const)('rejects wrong files: %#', async ([changed, message]) => {
    const reading = readMnist(files(changed));
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(DataError);
  });

  test('rejects options it does not know or cannot take', async () => {
    await expect(readMnist(files(), { crop: 6 })).rejects.toThrow('centerCrop: size [6, 6] is larger than [5, 4]');
    await expect(readMnist(files(), { crop: 0 })).rejects.toThrow(OptionError);
    await expect(readMnist(files(), { crops: 2 } as object)).rejects.toThrow(
      'readMnist: unknown option crops; known: crop',
    );
  });
});

describe('loadMnist', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fourlane-mnist-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('reads plain and gzip files', async () => {
    for (const part of parts) {
      const packed = part.endsWith('Images');
      writeFileSync(join(folder, fileNames[part] + (packed ? '.gz' : '')), packed ? gzip(bytes[part]) : bytes[part]);
    }
    expect(await loadMnist(folder)).toEqual(await readMnist(files()));
  });

  test('names the file that is missing, and the packed one that is wrong', async () => {
    for (const part of parts) writeFileSync(join(folder, fileNames[part]), bytes[part]);
    rmSync(join(folder, fileNames.testLabels));
    await expect(loadMnist(folder)).rejects.toThrow(
      `loadMnist: ${folder} holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz`,
    );
    writeFileSync(join(folder, 't10k-labels-idx1-ubyte.gz'), gzip(idxBytes([1], [11])));
    await expect(loadMnist(folder)).rejects.toThrow(
      't10k-labels-idx1-ubyte.gz: labels[0] is 11, expected an integer in [0, 10)',
    );
  });
});
