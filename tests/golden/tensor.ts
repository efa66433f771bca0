/** A tensor as the files write it: row-major numbers. */
export interface Tensor {
  shape: readonly number[];
  data: ArrayLike<number>;
}

export interface Float32Tensor extends Tensor {
  data: Float32Array;
}

/** Checks that a value of a file is an object and returns it; `what` names it in the message. */
export function record(what: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what}: expected an object, got ${JSON.stringify(value) ?? 'nothing'}`);
  }
  return value as Record<string, unknown>;
}

/** A `{ shape, data }` of a file. Throws where they do not go together or an entry is no finite number. */
export function tensor(what: string, value: unknown): Tensor {
  const { shape, data } = record(what, value);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new Error(`${what}: shape must be a list of sizes, got ${JSON.stringify(shape)}`);
  }
  return { shape: shape as number[], data: numbers(what, data, sizeOf(shape as number[])) };
}

/** A list of numbers of a file as a tensor of one axis. */
export function vector(what: string, value: unknown): Tensor {
  const data = numbers(what, value, Array.isArray(value) ? value.length : 0);
  return { shape: [data.length], data };
}

/** One number of a file as a tensor without axes. */
export function scalar(what: string, value: unknown): Tensor {
  return { shape: [], data: numbers(what, [value], 1) };
}

function numbers(what: string, value: unknown, length: number): number[] {
  if (!Array.isArray(value) || value.length !== length) {
    const got = Array.isArray(value) ? value.length : JSON.stringify(value);
    throw new Error(`${what}: expected ${length} numbers, got ${got}`);
  }
  const bad = value.findIndex((entry) => !Number.isFinite(entry));
  if (bad >= 0) throw new Error(`${what}[${bad}]: expected a finite number, got ${String(value[bad])}`);
  return value as number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** As float32, the kind of number that the library takes. */
export function float32({ shape, data }: Tensor): Float32Tensor {
  return { shape, data: Float32Array.from(data) };
}

/** Axis `i` of the result is axis `axes[i]` of the tensor. Throws where the number of axes differs. */
export function permute({ shape, data }: Tensor, axes: readonly number[]): Float32Tensor {
  if (shape.length !== axes.length) throw new Error(`expected ${axes.length} axes, got shape [${shape.join(', ')}]`);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = axes.map((axis) => shape[axis]!);
  const target = new Float32Array(data.length);
  for (let to = 0; to < target.length; to++) {
    let rest = to;
    let from = 0;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      from += (rest % result[axis]!) * strides[axes[axis]!]!;
      rest = Math.floor(rest / result[axis]!);
    }
    target[to] = data[from]!;
  }
  return { shape: result, data: target };
}

/** The library's layouts from those of cnn-golden files: samples [N, C, H, W] -> [N, H, W, C], others as they are. */
export const samplesToLibrary = (file: Tensor): Float32Tensor =>
  file.shape.length === 4 ? permute(file, [0, 2, 3, 1]) : float32(file);

/** Inverse of {@link samplesToLibrary}. */
export const samplesToFile = (library: Tensor): Tensor =>
  library.shape.length === 4 ? permute(library, [0, 3, 1, 2]) : library;

/**
 * Weights: kernels [S, C, kh, kw] -> [kh, kw, C, S], shared ones [S, kh, kw] -> [kh, kw, 1, S], dense [units, inputs] ->
 * [inputs, units], biases as they are.
 */
export function weightsToLibrary(file: Tensor): Float32Tensor {
  if (file.shape.length === 3) {
    const { data, shape } = permute(file, [1, 2, 0]);
    return { data, shape: [shape[0]!, shape[1]!, 1, shape[2]!] };
  }
  if (file.shape.length === 4) return permute(file, [2, 3, 1, 0]);
  return file.shape.length === 2 ? permute(file, [1, 0]) : float32(file);
}

/** Inverse of {@link weightsToLibrary}; `shared` kernels lose the axis of channels. */
export function weightsToFile(library: Tensor, shared = false): Tensor {
  if (shared && library.shape.length === 4) {
    const { data, shape } = permute(library, [3, 2, 0, 1]);
    return { data, shape: [shape[0]!, shape[2]!, shape[3]!] };
  }
  if (library.shape.length === 4) return permute(library, [3, 2, 0, 1]);
  return library.shape.length === 2 ? permute(library, [1, 0]) : library;
}
