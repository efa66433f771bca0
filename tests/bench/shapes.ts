import type { Network, Phase, Workload } from './workloads.ts';

/** A layer with weights: its kernel's shape (HWIO or `[in, units]`) and how often each weight is used per sample. */
export interface WeightedLayer {
  kernel: readonly number[];
  fanIn: number;
  /** Output positions of a convolution, 1 for a dense layer. */
  uses: number;
}

/** The layers of a network that have weights, in order. */
export function weightedLayers({ input, layers }: Network): WeightedLayer[] {
  let [height, width, channels] = input;
  const weighted: WeightedLayer[] = [];
  for (const layer of layers) {
    if (layer.kind === 'conv') {
      const { kernel, filters, padding } = layer;
      if (padding === 'valid') [height, width] = [height - kernel + 1, width - kernel + 1];
      const fanIn = kernel * kernel * channels;
      weighted.push({ kernel: [kernel, kernel, channels, filters], fanIn, uses: height * width });
      channels = filters;
    } else if (layer.kind === 'pool') {
      const round = layer.ceil ? Math.ceil : Math.floor;
      [height, width] = [round(height / 2), round(width / 2)];
    } else if (layer.kind === 'flatten') {
      [height, width, channels] = [1, 1, height * width * channels];
    } else {
      weighted.push({ kernel: [channels, layer.units], fanIn: channels, uses: 1 });
      channels = layer.units;
    }
  }
  return weighted;
}

/**
 * Floating-point operations of one step, counted directly whatever the algorithm: two for each multiply-add of
 * convolutions and dense layers, nothing for activations, pools, loss and optimizer. A training step has three such
 * passes, but no gradient for the input of the network.
 */
export function flopsOf(workload: Workload, phase: Phase): number {
  if (workload.kind === 'gemm') return 2 * workload.n ** 3;
  if (workload.kind === 'conv') {
    const { size, channels, filters, batch } = workload;
    return 2 * batch * size * size * 9 * channels * filters;
  }
  const forward = weightedLayers(workload).map(({ kernel, uses }) => 2 * workload.batch * uses * product(kernel));
  const total = forward.reduce((sum, flops) => sum + flops, 0);
  return phase === 'train' ? 3 * total - forward[0]! : total;
}

/** Samples of one step; none for operations. */
export function samplesOf(workload: Workload): number | undefined {
  return workload.kind === 'network' ? workload.batch : undefined;
}

export function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
