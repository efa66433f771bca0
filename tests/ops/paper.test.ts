import { expect, test } from 'vitest';
import { down, EngineBuffer, rot180, up } from '../../ts/entrypoints/ops.ts';
import { DataError, OptionError, ShapeError } from '../../ts/errors.ts';
import { array, integers, useEngine } from './support.ts';

useEngine();

test('down pools as the paper does, and up puts deltas where the maxima were', () => {
  // Windows: [1 5 / 3 2]; [-1 / 4]; [-2 -3] and [-9], where the zeros around them win.
  const z = array([1, 3, 3, 1], [1, 5, -1, 3, 2, 4, -2, -3, -9]);
  const { t, positions } = down(z);
  expect(t).toEqual(array([1, 2, 2, 1], [5, 4, 0, 0]));
  expect(positions).toEqual(integers([1, 2, 2, 1], [1, 5, -1, -1]));
  const delta = array([1, 2, 2, 1], [10, 20, 30, 40]);
  expect(up(delta, positions, { inputShape: z.shape })).toEqual(array([1, 3, 3, 1], [0, 10, 0, 0, 0, 20, 0, 0, 0]));
});

test('down and up take the options of pooling, and buffers', () => {
  const z = EngineBuffer.from(array([1, 3, 3, 1], [1, 5, -1, 3, 2, 4, -2, -3, -9]));
  const { t, positions } = down(z, { padSide: 'start', padValue: '-inf' });
  expect([...t.data]).toEqual([1, 5, 3, 4]);
  const options = { inputShape: z.shape, padSide: 'start', padValue: '-inf', out: z } as const;
  expect(up(array([1, 2, 2, 1], [1, 2, 3, 4]), positions, options)).toBe(z);
  expect([...z.read().data]).toEqual([1, 2, 0, 3, 0, 4, 0, 0, 0]);
  z.dispose();
  expect(() => up(t, integers([1, 2, 2, 1], [0, 1, 2, 9]), { inputShape: [1, 3, 3, 1] })).toThrow(DataError);
});

test('rot180 turns kernels, and pictures along axis 1', () => {
  const kernel = array([2, 3, 1, 2], [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]);
  expect(rot180(kernel)).toEqual(array([2, 3, 1, 2], [6, -6, 5, -5, 4, -4, 3, -3, 2, -2, 1, -1]));
  expect(rot180(rot180(kernel))).toEqual(kernel);
  const pictures = integers([2, 2, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8]);
  expect(rot180(pictures, { axis: 1 })).toEqual(integers([2, 2, 2, 1], [4, 3, 2, 1, 8, 7, 6, 5]));
  expect(rot180(array([3, 0, 2], []))).toEqual(array([3, 0, 2], []));
});

test('rot180 refuses what has no planes', () => {
  expect(() => rot180(array([4], [1, 2, 3, 4]))).toThrow(ShapeError);
  expect(() => rot180(array([2, 2], [1, 2, 3, 4]), { axis: 1 })).toThrow('rot180: expected axes 1 and 2, got [2, 2]');
  expect(() => rot180(array([2, 2], [1, 2, 3, 4]), { axis: -1 })).toThrow(OptionError);
});
