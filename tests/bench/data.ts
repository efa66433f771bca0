// The same numbers for every contender: made once from a seed, written to files, read by each in its own way.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { product, weightedLayers } from './shapes.ts';
import { CLASSES, type Convolution, type Network, type Product, type Workload } from './workloads.ts';

/** An array in a file: raw little-endian elements, C order. */
export interface TensorFile {
  file: string;
  shape: readonly number[];
  dtype: 'float32' | 'int32';
}

/** Files of a workload by name: `x`, `labels`, `kernel0` ... of a network; `a`, `b` of a product; of a convolution
 * `input`, `weight`, `gradOutput`. Pictures are NHWC, kernels HWIO and `[in, units]`; biases are zero and no files. */
export type TensorFiles = Readonly<Record<string, TensorFile>>;

type Fill = (length: number) => Float32Array | Int32Array;

/** Writes the data of a workload into `folder`, once. */
export function writeData(workload: Workload, folder: string): TensorFiles {
  const home = join(folder, workload.name.replaceAll(' ', '-'));
  mkdirSync(home, { recursive: true });
  const random = mulberry32(1);
  const write = ([name, shape, fill]: readonly [string, readonly number[], Fill]): [string, TensorFile] => {
    const values = fill(product(shape));
    const file = join(home, name);
    writeFileSync(file, values);
    return [name, { file, shape, dtype: values instanceof Int32Array ? 'int32' : 'float32' }];
  };
  const tensors = {
    network: () => networkTensors(workload as Network, random),
    gemm: () => productTensors(workload as Product, random),
    conv: () => convolutionTensors(workload as Convolution, random),
  };
  return Object.fromEntries(tensors[workload.kind]().map(write));
}

type Described = readonly (readonly [string, readonly number[], Fill])[];

/** Pictures uniform in [-1, 1), labels uniform, kernels He-normal: deviation `sqrt(2 / fanIn)`. */
function networkTensors(network: Network, random: () => number): Described {
  const { batch, input } = network;
  const labels: Fill = (length) => Int32Array.from({ length }, () => Math.floor(random() * CLASSES));
  return [
    ['x', [batch, ...input], uniform(random)],
    ['labels', [batch], labels],
    ...weightedLayers(network).map(
      ({ kernel, fanIn }, i) => [`kernel${i}`, kernel, normal(random, Math.sqrt(2 / fanIn))] as const,
    ),
  ];
}

function productTensors({ n }: Product, random: () => number): Described {
  return ['a', 'b'].map((name) => [name, [n, n], uniform(random)] as const);
}

function convolutionTensors({ batch, size, channels, filters }: Convolution, random: () => number): Described {
  return [
    ['input', [batch, size, size, channels], uniform(random)],
    ['weight', [3, 3, channels, filters], uniform(random)],
    ['gradOutput', [batch, size, size, filters], uniform(random)],
  ];
}

function uniform(random: () => number): Fill {
  return (length) => Float32Array.from({ length }, () => 2 * random() - 1);
}

/** By Box and Muller. */
function normal(random: () => number, deviation: number): Fill {
  return (length) =>
    Float32Array.from({ length }, () => {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
      return radius * Math.cos(2 * Math.PI * random());
    });
}

/** Tommy Ettinger's generator of 32 bits of state; uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
