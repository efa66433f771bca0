import { defaultEngine } from '../../engine/defaultEngine.ts';
import type { Engine } from '../../engine/engine.ts';
import { DataError, OptionError, ShapeError, StateError } from '../../errors.ts';
import { checkNDArray, type DType, type NDArray } from '../../ndarray.ts';
import { checkKnown, oneOf } from '../../options.ts';
import { checkShape, printShape, sameShape, sizeOf, type Shape } from '../../shape.ts';

/** The typed array of an element type. */
export type ArrayOf<D extends DType> = { float32: Float32Array; int32: Int32Array }[D];

/** Options of {@link EngineBuffer}. */
export interface EngineBufferOptions<D extends DType> {
  /** Where it lives; default the engine made by `init()`. */
  engine?: Engine;
  /** `int32` for labels and positions. Default `float32`. */
  dtype?: D;
}

/**
 * An array in an engine's memory, zeros at first. Operations read and write it in place, without a copy; `read` and
 * `write` copy. It holds its memory until `dispose()`. Throws a StateError when there is no engine or no memory left,
 * and on every use after `dispose()`.
 */
export class EngineBuffer<D extends DType = 'float32'> {
  readonly engine: Engine;
  readonly shape: Shape;
  readonly dtype: D;
  #address: number | undefined;

  constructor(shape: Shape, options: EngineBufferOptions<D> = {}) {
    checkKnown('EngineBuffer', options, ['engine', 'dtype']);
    checkShape('EngineBuffer', shape, 0);
    this.engine = options.engine ?? defaultEngine();
    this.shape = [...shape];
    this.dtype = oneOf('EngineBuffer', 'dtype', options.dtype ?? 'float32', ['float32', 'int32']) as D;
    this.#address = this.engine.alloc(sizeOf(shape) * 4);
  }

  /** A new buffer with the shape of an array and its values; bytes times their `scale`. */
  static from<D extends DType = 'float32'>(array: NDArray, options: EngineBufferOptions<D> = {}): EngineBuffer<D> {
    checkNDArray('EngineBuffer.from', array);
    const buffer = new EngineBuffer<D>(array.shape, options);
    try {
      buffer.write(array);
    } catch (error) {
      buffer.dispose();
      throw error;
    }
    return buffer;
  }

  /** A copy of what it holds. */
  read(): NDArray<ArrayOf<D>> {
    return { data: elementsAt(this.engine, this.address, this).slice() as ArrayOf<D>, shape: [...this.shape] };
  }

  /** Replaces what it holds. Throws a ShapeError for another shape, a DataError for fractions in an int32 buffer. */
  write(array: NDArray): void {
    checkNDArray('EngineBuffer.write', array);
    if (!sameShape(array.shape, this.shape)) {
      const [expected, got] = [printShape(this.shape), printShape(array.shape)];
      throw new ShapeError(`EngineBuffer.write: expected shape ${expected}, got ${got}`);
    }
    checkElements('EngineBuffer.write', array, this.dtype);
    copyElements(array, elementsAt(this.engine, this.address, this));
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#address !== undefined) this.engine.free(this.#address);
    this.#address = undefined;
  }

  /**
   * Byte address in the engine's memory.
   * @internal
   */
  get address(): number {
    this.engine.checkLive();
    if (this.#address === undefined) throw new StateError(`EngineBuffer ${printShape(this.shape)}: disposed`);
    return this.#address;
  }
}

/** View of an engine's memory; not to be kept. */
export function elementsAt(
  engine: Engine,
  address: number,
  { shape, dtype }: { shape: Shape; dtype: DType },
): Float32Array | Int32Array {
  const { buffer } = engine;
  const size = sizeOf(shape);
  return dtype === 'int32' ? new Int32Array(buffer, address, size) : new Float32Array(buffer, address, size);
}

/** Throws a DataError where elements of an array cannot be of this type without loss. */
export function checkElements(where: string, { data, scale }: NDArray, dtype: DType): void {
  if (dtype !== 'int32') return;
  if (scale !== undefined) throw new OptionError(`${where}: scale ${scale} does not go with integers`);
  const wrong = data.findIndex((value) => !Number.isInteger(value));
  if (wrong >= 0) throw new DataError(`${where}: data[${wrong}] is ${data[wrong]}, expected an integer`);
}

/** Copies an array into memory, bytes times their scale. */
export function copyElements({ data, scale = 1 }: NDArray, target: Float32Array | Int32Array): void {
  target.set(data);
  if (scale !== 1) for (let i = 0; i < data.length; i++) target[i] = data[i]! * scale;
}
