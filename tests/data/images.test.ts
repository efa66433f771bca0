import { describe, expect, test } from 'vitest';
import { centerCrop, oneHot } from '../../ts/entrypoints/data.ts';
import { DataError, ShapeError } from '../../ts/errors.ts';

describe('centerCrop', () => {
  test('keeps channels together, and of an odd margin the smaller part at top and left', () => {
    const data = Int32Array.from({ length: 3 * 4 * 2 }, (_, i) => i);
    const { data: middle, shape } = centerCrop({ data, shape: [1, 3, 4, 2] }, [2, 1]);
    expect(shape).toEqual([1, 2, 1, 2]);
    expect(middle).toEqual(Int32Array.of(2, 3, 10, 11));
  });

  test('rejects other shapes', () => {
    const images = { data: new Float32Array(6), shape: [2, 3] };
    expect(() => centerCrop(images, 1)).toThrow(ShapeError);
    expect(() => centerCrop(images, 1)).toThrow('centerCrop: expected [N, height, width, channels], got [2, 3]');
    expect(() => centerCrop({ ...images, shape: [1, 2, 2, 1] }, 1)).toThrow('needs 4 elements, data has 6');
  });
});

describe('oneHot', () => {
  test('adds an axis of classes', () => {
    const { data, shape } = oneHot({ data: Uint8Array.of(2, 0), shape: [2] }, 3);
    expect(shape).toEqual([2, 3]);
    expect(data).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  });

  test.for([
    [Int32Array.of(0, -1), 'oneHot: labels[1] is -1, expected an integer in [0, 3)'],
    [Float32Array.of(0, 0.5), 'oneHot: labels[1] is 0.5, expected an integer in [0, 3)'],
    [Float32Array.of(NaN, 0), 'oneHot: labels[0] is NaN, expected an integer in [0, 3)'],
    [Uint8Array.of(3, 0), 'oneHot: labels[0] is 3, expected an integer in [0, 3)'],
  ] as const)('rejects label %#', ([data, message]) => {
    expect(() => oneHot({ data, shape: [2] }, 3)).toThrow(message);
    expect(() => oneHot({ data, shape: [2] }, 3)).toThrow(DataError);
  });
});
