/** What is measured, as plain data: every contender builds its own network or operation from it. */

export type Activation = 'linear' | 'relu' | 'tanh';

/** One layer. Pools are 2x2 with stride 2; `ceil` keeps the last, partial window. Convolutions correlate. */
export type LayerSpec =
  | { kind: 'conv'; filters: number; kernel: number; padding: 'valid' | 'same'; activation: Activation }
  | { kind: 'pool'; ceil: boolean }
  | { kind: 'flatten' }
  | { kind: 'dense'; units: number; activation: Activation };

export type OptimizerSpec =
  { kind: 'sgd'; learningRate: number; momentum: number } | { kind: 'adam'; learningRate: number };

/** A network with softmax cross entropy over the ten logits of its last layer. */
export interface Network {
  kind: 'network';
  name: string;
  /** Height, width, channels of one sample. */
  input: readonly [number, number, number];
  layers: readonly LayerSpec[];
  batch: number;
  optimizer: OptimizerSpec;
}

/** `n x n x n` product; a transposed operand is stored transposed. */
export interface Product {
  kind: 'gemm';
  name: string;
  n: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** One pass of a 3x3 convolution, stride 1, padding `same`. */
export interface Convolution {
  kind: 'conv';
  name: string;
  pass: 'forward' | 'input' | 'weight';
  size: number;
  channels: number;
  filters: number;
  batch: number;
}

export type Workload = Network | Product | Convolution;

export type Phase = 'train' | 'predict' | 'op';

/** Classes of every network. */
export const CLASSES = 10;

const conv = (filters: number, kernel: number, padding: 'valid' | 'same', activation: Activation): LayerSpec => ({
  kind: 'conv',
  filters,
  kernel,
  padding,
  activation,
});
const dense = (units: number, activation: Activation): LayerSpec => ({ kind: 'dense', units, activation });
const pool: LayerSpec = { kind: 'pool', ceil: false };
const poolCeil: LayerSpec = { kind: 'pool', ceil: true };
const flatten: LayerSpec = { kind: 'flatten' };
const logits = dense(CLASSES, 'linear');
const sgd = (learningRate: number, momentum = 0): OptimizerSpec => ({ kind: 'sgd', learningRate, momentum });
const adam: OptimizerSpec = { kind: 'adam', learningRate: 0.001 };
const twice = (filters: number): LayerSpec[] => [conv(filters, 3, 'same', 'relu'), conv(filters, 3, 'same', 'relu')];

export const networks: readonly Network[] = [
  {
    kind: 'network',
    name: 'W1 seed3',
    input: [24, 24, 1],
    layers: [conv(32, 3, 'valid', 'relu'), pool, flatten, dense(2048, 'relu'), logits],
    batch: 100,
    optimizer: sgd(0.001),
  },
  {
    kind: 'network',
    name: 'W2 seed5',
    input: [13, 13, 1],
    layers: [
      ...[conv(32, 3, 'valid', 'relu'), poolCeil, conv(64, 2, 'valid', 'relu'), poolCeil],
      ...[flatten, dense(128, 'relu'), logits],
    ],
    batch: 100,
    optimizer: sgd(0.01),
  },
  {
    kind: 'network',
    name: 'W3 lenet5',
    input: [28, 28, 1],
    layers: [
      ...[conv(6, 5, 'same', 'tanh'), pool, conv(16, 5, 'valid', 'tanh'), pool],
      ...[flatten, dense(120, 'tanh'), dense(84, 'tanh'), logits],
    ],
    batch: 64,
    optimizer: sgd(0.01, 0.9),
  },
  {
    kind: 'network',
    name: 'W4 mnist-cnn',
    input: [28, 28, 1],
    layers: [conv(32, 3, 'valid', 'relu'), conv(64, 3, 'valid', 'relu'), pool, flatten, dense(128, 'relu'), logits],
    batch: 128,
    optimizer: adam,
  },
  {
    kind: 'network',
    name: 'W5 cifar-vgg',
    input: [32, 32, 3],
    layers: [...twice(32), pool, ...twice(64), pool, ...twice(128), pool, flatten, dense(128, 'relu'), logits],
    batch: 64,
    optimizer: adam,
  },
];

const products: readonly Product[] = [256, 512, 1024].flatMap((n) =>
  ['nn', 'nt', 'tn', 'tt'].map((letters) => ({
    kind: 'gemm' as const,
    name: `gemm ${n} ${letters}`,
    n,
    transposeA: letters[0] === 't',
    transposeB: letters[1] === 't',
  })),
);

const convolutions: readonly Convolution[] = (['forward', 'input', 'weight'] as const).map((pass) => ({
  ...{ kind: 'conv', name: `conv ${pass}`, pass, size: 56, channels: 64, filters: 64, batch: 8 },
}));

/** One line of the results: a workload in one of its phases. */
export interface Row {
  workload: Workload;
  phase: Phase;
}

/** Every row, in the order of the results. */
export const allRows: readonly Row[] = [
  ...networks.map((workload) => ({ workload, phase: 'train' as const })),
  ...networks.map((workload) => ({ workload, phase: 'predict' as const })),
  ...[...products, ...convolutions].map((workload) => ({ workload, phase: 'op' as const })),
];

/** The rows whose name starts with one of the words: `W4`, `gemm`, `gemm 512`, `conv weight`. Throws for none. */
export function rowsNamed(words: readonly string[] | undefined, rows: readonly Row[] = allRows): readonly Row[] {
  if (words === undefined) return rows;
  for (const word of words) {
    if (!rows.some(({ workload }) => workload.name.startsWith(word))) {
      throw new Error(`--only: no row starts with "${word}"; rows: ${rows.map((r) => r.workload.name).join(', ')}`);
    }
  }
  return rows.filter(({ workload }) => words.some((word) => workload.name.startsWith(word)));
}
