/** Offsets of all buffers are multiples of this: a cache line. */
export const ALIGNMENT = 64;

/** Bytes rounded up to {@link ALIGNMENT}. */
export function align(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

/** A buffer to be placed: its size and the first and last step that touch it. */
export interface Lifetime {
  byteLength: number;
  first: number;
  last: number;
}

/** Where everything goes. */
export interface MemoryLayout {
  byteOffsets: number[];
  /** What the layout needs. */
  byteLength: number;
  /** The largest sum of buffers that live at one time: no layout needs less. */
  liveBytes: number;
}

/**
 * Places buffers in one block so that those alive at the same time do not overlap: largest first, each at the lowest
 * offset that is free over its whole life. Offsets depend on sizes and lifetimes only.
 */
export function layOutMemory(lifetimes: readonly Lifetime[]): MemoryLayout {
  const sizes = lifetimes.map((life) => align(life.byteLength));
  const byteOffsets = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, index) => index).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const placed: number[] = [];
  for (const index of order) {
    const life = lifetimes[index]!;
    const neighbours = placed
      .filter((other) => lifetimes[other]!.first <= life.last && life.first <= lifetimes[other]!.last)
      .sort((a, b) => byteOffsets[a]! - byteOffsets[b]!);
    let offset = 0;
    for (const other of neighbours) {
      if (offset + sizes[index]! <= byteOffsets[other]!) break;
      offset = Math.max(offset, byteOffsets[other]! + sizes[other]!);
    }
    byteOffsets[index] = offset;
    placed.push(index);
  }
  return {
    byteOffsets,
    byteLength: Math.max(0, ...byteOffsets.map((offset, index) => offset + sizes[index]!)),
    liveBytes: largestLive(lifetimes, sizes),
  };
}

function largestLive(lifetimes: readonly Lifetime[], sizes: readonly number[]): number {
  const starts = [...new Set(lifetimes.map((life) => life.first))];
  const liveAt = (step: number): number =>
    lifetimes.reduce((sum, life, index) => (life.first <= step && step <= life.last ? sum + sizes[index]! : sum), 0);
  return Math.max(0, ...starts.map(liveAt));
}
