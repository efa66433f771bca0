import type { KernelBinding } from './kernel.ts';

/**
 * A step that calls `update` with the rate of its layer. A rate of 0 freezes bit for bit, what an optimizer keeps
 * included: 0 times an infinite gradient would be NaN.
 */
export function updating<Attributes>(
  { learningRate }: KernelBinding<Attributes>,
  update: (rate: number) => void,
): () => void {
  return () => {
    const rate = learningRate();
    if (rate !== 0) update(rate);
  };
}
