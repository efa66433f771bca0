import { DataError } from '../../ts/errors.ts';
import { readIdx } from '../../ts/entrypoints/data.ts';
import { describe, expect, test } from 'vitest';
import { gzip, idxBytes, someBytes } from './idxBytes.ts';

const file = (bytes: Uint8Array) => ({ name: 'digits-idx3-ubyte', bytes });

describe('readIdx', () => {
  test.for([
    ['plain', (bytes: Uint8Array) => bytes],
    ['gzip', gzip],
    [
      'in the middle of a buffer',
      (bytes: Uint8Array) => Uint8Array.from([9, 9, 9, ...bytes, 9]).subarray(3, 3 + bytes.length),
    ],
  ] as const)('reads unsigned bytes, %s', async ([, pack]) => {
    const values = someBytes(24);
    const { data, shape } = await readIdx(file(pack(idxBytes([2, 3, 4], values))), 0x00000803);
    expect(shape).toEqual([2, 3, 4]);
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...data]).toEqual([...values]);
  });

  test('reads sizes above 255 and files without elements', async () => {
    expect((await readIdx(file(idxBytes([70_000], someBytes(70_000))))).shape).toEqual([70_000]);
    expect(await readIdx(file(idxBytes([0, 28, 28], [])))).toEqual({ data: new Uint8Array(0), shape: [0, 28, 28] });
  });

  test.for([
    [0x09, [0xff, 0x7f], Int32Array.of(-1, 127)],
    [0x0b, [0xff, 0xfe, 0x01, 0x00], Int32Array.of(-2, 256)],
    [0x0c, [0xff, 0xff, 0xff, 0xfd, 0x00, 0x01, 0x00, 0x00], Int32Array.of(-3, 65536)],
    [0x0d, [0x3f, 0xc0, 0x00, 0x00, 0xff, 0x80, 0x00, 0x00], Float32Array.of(1.5, -Infinity)],
  ] as const)('reads big-endian elements of type %i', async ([type, elements, expected]) => {
    const { data, shape } = await readIdx(file(Uint8Array.from([0, 0, type, 1, 0, 0, 0, 2, ...elements])));
    expect(shape).toEqual([2]);
    expect(data).toEqual(expected);
  });

  const good = idxBytes([2, 3], someBytes(6));
  test.for([
    ['no header', Uint8Array.of(0, 0, 8), 'digits-idx3-ubyte: 3 bytes are too few for an IDX header'],
    ['no file', new Uint8Array(0), 'digits-idx3-ubyte: 0 bytes are too few for an IDX header'],
    ['another magic number', good, 'digits-idx3-ubyte: magic number is 0x00000802, expected 0x00000803', 0x00000803],
    [
      'no magic number',
      Uint8Array.from([1, ...good.subarray(1)]),
      'digits-idx3-ubyte: magic number is 0x01000802, expected one of 0x000008NN, 0x000009NN, 0x00000bNN, 0x00000cNN, 0x00000dNN',
    ],
    [
      'an unknown type',
      Uint8Array.of(0, 0, 0x0e, 1, 0, 0, 0, 0),
      /^digits-idx3-ubyte: magic number is 0x00000e01, expected one of/,
    ],
    [
      'a truncated header',
      good.subarray(0, 11),
      'digits-idx3-ubyte: truncated: a header of 2 axes takes 12 bytes, the file has 11',
    ],
    [
      'a byte missing',
      good.subarray(0, -1),
      'digits-idx3-ubyte: truncated: shape [2, 3] takes 18 bytes, the file has 17',
    ],
    [
      'a byte too many',
      Uint8Array.from([...good, 0]),
      'digits-idx3-ubyte: too long: shape [2, 3] takes 18 bytes, the file has 19',
    ],
    [
      'sizes beyond 2^53',
      Uint8Array.from([0, 0, 8, 3, ...new Array<number>(12).fill(255), 1]),
      /^digits-idx3-ubyte: truncated: shape \[4294967295, 4294967295, 4294967295\] takes /,
    ],
    [
      'truncated gzip',
      gzip(good).subarray(0, 20),
      'digits-idx3-ubyte: truncated or damaged: its 20 bytes of gzip cannot be decompressed',
    ],
    [
      'gzip of a truncated file',
      gzip(good.subarray(0, -1)),
      'digits-idx3-ubyte: truncated: shape [2, 3] takes 18 bytes, the file has 17',
    ],
  ] as const)('rejects %s', async ([, bytes, message, magic]) => {
    const reading = readIdx(file(bytes), magic);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(DataError);
  });
});
