import { describe, expect, test } from 'vitest';
import { createEngine } from '../../ts/entrypoints/node.ts';
import { add, denseForward, EngineBuffer } from '../../ts/entrypoints/ops.ts';
import { DataError, OptionError, ShapeError, StateError } from '../../ts/errors.ts';
import { array, integers, useEngine } from './support.ts';

const used = useEngine();

describe('EngineBuffer', () => {
  test('starts with zeros, holds what is written, gives copies', () => {
    const buffer = new EngineBuffer([2, 3]);
    expect(buffer.read()).toEqual(array([2, 3], [0, 0, 0, 0, 0, 0]));
    buffer.write(array([2, 3], [1, 2, 3, 4, 5, 6]));
    const copy = buffer.read();
    copy.data.fill(9);
    expect(buffer.read()).toEqual(array([2, 3], [1, 2, 3, 4, 5, 6]));
    buffer.dispose();
  });

  test('converts: bytes by their scale, whole numbers to int32', () => {
    const scaled = EngineBuffer.from({ data: Uint8Array.of(0, 255), shape: [2], scale: 1 / 255 });
    expect(scaled.read().data).toEqual(Float32Array.of(0, 1));
    const labels = EngineBuffer.from(array([2], [7, -1]), { dtype: 'int32' });
    expect(labels.read()).toEqual(integers([2], [7, -1]));
    for (const buffer of [scaled, labels]) buffer.dispose();
  });

  test('survives growth of the memory', () => {
    const buffer = EngineBuffer.from(array([2], [1, 2]));
    const before = used.engine.memory().byteLength;
    const large = new EngineBuffer([before / 4]);
    expect(used.engine.memory().byteLength).toBeGreaterThan(before);
    expect(add(buffer, buffer)).toEqual(array([2], [2, 4]));
    expect(buffer.read()).toEqual(array([2], [1, 2]));
    for (const each of [buffer, large]) each.dispose();
  });

  test('refuses what it cannot hold', () => {
    const buffer = new EngineBuffer([2], { dtype: 'int32' });
    expect(() => buffer.write(integers([1, 2], [1, 2]))).toThrow('EngineBuffer.write: expected shape [2], got [1, 2]');
    expect(() => buffer.write(integers([1, 2], [1, 2]))).toThrow(ShapeError);
    expect(() => buffer.write(array([2], [1, 0.5]))).toThrow('EngineBuffer.write: data[1] is 0.5, expected an integer');
    expect(() => buffer.write(array([2], [1, NaN]))).toThrow(DataError);
    expect(() => EngineBuffer.from(array([1], [0.5]), { dtype: 'int32' })).toThrow(DataError);
    expect(() => new EngineBuffer([-1])).toThrow(ShapeError);
    expect(() => new EngineBuffer([1], { dtype: 'float64' as 'float32' })).toThrow(OptionError);
    expect(buffer.read()).toEqual(integers([2], [0, 0]));
    buffer.dispose();
  });

  test('is gone after dispose', () => {
    const buffer = new EngineBuffer([2]);
    buffer.dispose();
    buffer.dispose();
    expect(() => buffer.read()).toThrow('EngineBuffer [2]: disposed');
    expect(() => buffer.write(array([2], [1, 2]))).toThrow(StateError);
    expect(() => add(buffer, array([2], [1, 2]))).toThrow('EngineBuffer [2]: disposed');
  });
});

describe('engines', () => {
  test('the option names one; buffers bring their own', async () => {
    const other = await createEngine();
    const used = () => other.memory().usedBytes;
    const buffer = EngineBuffer.from(array([2], [1, 2]), { engine: other });
    const before = used();
    expect(add(buffer, array([2], [1, 1]))).toEqual(array([2], [2, 3]));
    expect(add(array([2], [1, 2]), array([2], [1, 1]), { engine: other })).toEqual(array([2], [2, 3]));
    expect(used()).toBe(before);

    const mine = new EngineBuffer([2]);
    const mixed = () => add(buffer, array([2], [1, 1]), { out: mine });
    expect(mixed).toThrow('add: output: is a buffer of another engine');
    expect(mixed).toThrow(OptionError);
    mine.dispose();
    other.dispose();
    expect(() => buffer.read()).toThrow(StateError);
    expect(() => add(buffer, array([2], [1, 1]))).toThrow('engine: disposed');
    buffer.dispose();
  });

  test('an argument that is no array', () => {
    const call = () => denseForward([[1, 2]] as never, array([2, 1], [1, 2]));
    expect(call).toThrow('denseForward: input: expected { data, shape } or an EngineBuffer, got Array');
    expect(call).toThrow(DataError);
    const into = () => add(array([1], [1]), array([1], [1]), { out: array([1], [0]) as never });
    expect(into).toThrow('add: output: is written into and must be an EngineBuffer, got an array');
  });

  test('what a failed call took is given back', () => {
    // Too large for the arena, but not before the first shapes are checked.
    const huge = { data: new Float32Array(0), shape: [0, 2 ** 20] };
    const weight = { data: new Float32Array(0), shape: [2 ** 20, 0] };
    expect(() => denseForward(huge, weight)).toThrow(ShapeError);
    expect(used.engine.state).toBe('live');
  });
});
