import { isDataset, type Dataset, type InputData, type TargetData } from '../data/dataset.ts';
import { OptionError } from '../errors.ts';
import { isNDArray, type NDArray, type NestedArray } from '../ndarray.ts';
import { sizeOf } from '../shape.ts';
import { sequentialOrder } from '../train/batches.ts';

/** Inputs and targets as they travel. */
export interface PackedData {
  x: NDArray | NestedArray;
  y: TargetData | undefined;
}

/** What goes along with a message and is no longer the sender's. */
export class Transfers {
  readonly #callers: boolean;
  readonly #buffers = new Set<ArrayBuffer>();

  /** `callers`: the caller's arrays go along, too, instead of copies. */
  constructor(callers: boolean) {
    this.#callers = callers;
  }

  get list(): ArrayBuffer[] {
    return [...this.#buffers];
  }

  /** Inputs and targets. A dataset is read as a whole. Throws an OptionError for one that has a state. */
  data(where: string, x: InputData, y: TargetData | undefined): PackedData {
    if (!isDataset(x)) return { x: this.#array(x), y: y === undefined ? undefined : this.#array(y) };
    if (x.seek !== undefined) {
      throw new OptionError(`${where}: a dataset that has to seek cannot go to another thread; give arrays`);
    }
    return readAll(x, this);
  }

  /** Takes along what is the trainer's own. */
  own<T extends Float32Array | Int32Array | Uint8Array>(data: T): T {
    this.#buffers.add(data.buffer as ArrayBuffer);
    return data;
  }

  /** An array, or what the other side will refuse. */
  #array<T extends NDArray | NestedArray>(value: T): T {
    if (!isNDArray(value)) return value;
    if (this.#callers) return canBeGiven(value.data) ? { ...value, data: this.own(value.data) } : value;
    const copy = copyOf(value.data);
    return copy === undefined ? value : { ...value, data: this.own(copy) };
  }
}

/** None of what is no array for the library. */
function copyOf(data: unknown): NDArray['data'] | undefined {
  // Not by slice(), which copies nothing of Node's Buffer.
  for (const Class of [Float32Array, Int32Array, Uint8Array]) if (data instanceof Class) return new Class(data);
  return undefined;
}

/** False for shared memory, which both sides see, and for what is no array. */
function canBeGiven(data: unknown): boolean {
  return ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer;
}

function readAll(dataset: Dataset, transfers: Transfers): PackedData {
  const { size, xShape, yShape } = dataset;
  const indices = sequentialOrder(size);
  const x = transfers.own(new Float32Array(size * sizeOf(xShape)));
  dataset.readX(indices, x);
  const inputs = { data: x, shape: [size, ...xShape] };
  if (yShape === undefined || dataset.readY === undefined) return { x: inputs, y: undefined };
  const y = transfers.own(new Float32Array(size * sizeOf(yShape)));
  dataset.readY(indices, y);
  return { x: inputs, y: { data: y, shape: [size, ...yShape] } };
}

/** The buffers of all arrays in a result, which is the sender's own copy. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const collect = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) found.add(part.buffer as ArrayBuffer);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(collect);
  };
  collect(value);
  return [...found];
}
