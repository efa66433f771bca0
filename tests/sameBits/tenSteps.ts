// Ten training steps whose every bit is compared between numbers of threads and JavaScript engines. Runs wherever the
// library does, on what it is handed: no imports but types.
import type * as Fourlane from '../../ts/entrypoints/node.ts';

type Library = Pick<typeof Fourlane, 'adam' | 'createEngine' | 'layers' | 'losses' | 'sequential' | 'sgd'>;

/** What came out, as bits. */
export interface TenSteps {
  build: string;
  fused: boolean;
  threads: number;
  /** By network: the losses of the ten steps, and a hash over the bits of all weights and predictions. */
  networks: Record<string, { losses: number[]; hash: string }>;
}

/** Trains the networks on a new engine. */
export async function tenSteps(library: Library, options: Fourlane.EngineOptions): Promise<TenSteps> {
  const { adam, layers, losses, sequential, sgd } = library;
  const engine = await library.createEngine(options);

  /** The MNIST CNN of the benchmark. */
  const mnistCnn = (): Fourlane.Layer[] => [
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 128, activation: 'relu' }),
    layers.dense({ units: 10 }),
  ];

  /** Every kind of layer, activation and algorithm: kernels of each size, strides, overlapping windows. */
  const everything = (): Fourlane.Layer[] => [
    layers.input({ shape: [30, 27, 3] }),
    layers.conv2d({ filters: 17, kernelSize: 5, padding: 'same', activation: 'tanh' }),
    layers.conv2d({ filters: 24, kernelSize: 5, channelMode: 'shared' }),
    layers.activation({ activation: 'sigmoid' }),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    layers.conv2d({ filters: 20, kernelSize: 2, kernelMode: 'convolution', activation: 'relu' }),
    layers.conv2d({ filters: 33, kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: false }),
    layers.conv2d({
      filters: 32,
      kernelSize: 3,
      padding: [
        [1, 2],
        [0, 1],
      ],
      activation: 'relu',
    }),
    layers.maxPooling2d({ poolSize: [2, 3] }),
    layers.flatten({ order: 'channelsFirst' }),
    layers.dense({ units: 300, activation: 'tanh' }),
    layers.dense({ units: 61, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ];

  /** Numbers in (-1, 1) by a linear congruential generator: the same everywhere. */
  const numbers = (length: number, seed: number): Float32Array => {
    let state = seed;
    return Float32Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return ((state >>> 8) - 0x800000) / 0x800000;
    });
  };

  /** FNV-1a over the bits. */
  const hashOf = (arrays: readonly Float32Array[]): string => {
    let hash = 0x811c9dc5;
    for (const array of arrays) {
      for (const word of new Uint32Array(array.buffer, array.byteOffset, array.length)) {
        hash = Math.imul(hash ^ word, 0x01000193) >>> 0;
      }
    }
    return hash.toString(16);
  };

  const run = (
    chain: readonly Fourlane.Layer[],
    batchSize: number,
    optimizer: Fourlane.Optimizer,
    loss: Fourlane.Loss,
  ): TenSteps['networks'][string] => {
    const model = sequential(chain, { engine, seed: 11 });
    model.compile({ optimizer, loss });
    const shape = [batchSize, ...model.inputShape];
    const size = shape.reduce((product, side) => product * side, 1);
    const labels = Int32Array.from(numbers(batchSize, 5), (value) => Math.floor((value + 1) * 5));
    const results: number[] = [];
    let x = numbers(size, 1);
    for (let step = 0; step < 10; step++) {
      x = numbers(size, step + 1);
      results.push(model.trainOnBatch({ data: x, shape }, { data: labels, shape: [batchSize] }).loss!);
    }
    const { data } = model.predictOnBatch({ data: x, shape });
    const hash = hashOf([...model.getWeights().map((weight) => weight.data), data]);
    model.dispose();
    return { losses: results, hash };
  };

  const { build, fused, threads } = engine;
  const logits = losses.sparseCategoricalCrossentropy({ fromLogits: true });
  const networks = {
    mnistCnn: run(mnistCnn(), 128, adam({ learningRate: 0.001 }), logits),
    'everything, by plain descent': run(
      everything(),
      31,
      sgd({ learningRate: 0.05 }),
      losses.sparseCategoricalCrossentropy(),
    ),
    'everything, by momentum': run(
      everything(),
      130,
      sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true }),
      losses.sparseCategoricalCrossentropy(),
    ),
  };
  engine.dispose();
  return { build, fused, threads, networks };
}
