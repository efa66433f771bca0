import type { Tensor } from './tensor.ts';

/** Collects what differs in one case. A case that compared nothing has not passed. */
export class Checks {
  /** One sentence for each tensor that differs. */
  readonly failures: string[] = [];
  /** Tensors compared so far. */
  compared = 0;

  /**
   * Every entry of `got` lies within `tolerance` of the largest absolute entry of `expected`, so a tensor of zeros is
   * met exactly. NaN, a missing tensor and another shape fail. The worst entry is reported.
   */
  close(name: string, got: Tensor | undefined, expected: Tensor, tolerance: number): void {
    let largest = 0;
    for (let i = 0; i < expected.data.length; i++) largest = Math.max(largest, Math.abs(expected.data[i]!));
    this.#compare(name, got, expected, tolerance * largest, `${tolerance} of the largest entry ${largest}`);
  }

  /** Every entry is the same number. */
  equal(name: string, got: Tensor | undefined, expected: Tensor): void {
    this.#compare(name, got, expected, 0, 'nothing');
  }

  #compare(name: string, got: Tensor | undefined, expected: Tensor, allowed: number, why: string): void {
    this.compared++;
    if (got === undefined) {
      this.failures.push(`${name}: the library gives none`);
      return;
    }
    const shapes = [got.shape, expected.shape].map((shape) => `[${shape.join(', ')}]`);
    if (shapes[0] !== shapes[1] || got.data.length !== expected.data.length) {
      this.failures.push(`${name}: got shape ${shapes[0]}, expected ${shapes[1]}`);
      return;
    }
    let worst = -1;
    let most = allowed;
    for (let i = 0; i < expected.data.length; i++) {
      const off = Math.abs(got.data[i]! - expected.data[i]!);
      if (off <= most) continue;
      worst = i;
      most = off;
      // NaN is not within any distance.
      if (Number.isNaN(off)) break;
    }
    if (worst < 0) return;
    const index = indexOf(worst, expected.shape).join(', ');
    this.failures.push(
      `${name}[${index}]: got ${got.data[worst]}, expected ${expected.data[worst]} (off by ${most}, allowed ${why})`,
    );
  }
}

/** Position along each axis of an entry in row-major order. */
function indexOf(entry: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = entry;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
