import type { OptimizerSpec } from '../workloads.ts';

/** What is used of an array of jax-js. */
export interface Arr {
  readonly ref: Arr;
  readonly shape: readonly number[];
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  sum(): Arr;
  reshape(shape: readonly number[]): Arr;
  transpose(axes: readonly number[]): Arr;
  dataSync(): Float32Array;
  dispose(): void;
}

/** What is used of jax-js. */
export interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): string;
  numpy: {
    array(values: Float32Array | Int32Array): Arr;
    zeros(shape: readonly number[]): Arr;
    matmul(a: Arr, b: Arr): Arr;
    max(x: Arr, axis: readonly number[]): Arr;
    pad(x: Arr, width: readonly (readonly number[])[]): Arr;
    sqrt(x: Arr): Arr;
    tanh(x: Arr): Arr;
  };
  nn: { relu(x: Arr): Arr; oneHot(labels: Arr, classes: number): Arr; logSoftmax(x: Arr): Arr };
  lax: { convGeneralDilated(x: Arr, kernel: Arr, strides: readonly number[], padding: string): Arr };
  tree: { ref(arrays: Arr[]): Arr[]; dispose(arrays: Arr[]): void };
  jit<F>(compute: F): F;
  valueAndGrad(loss: (weights: Arr[], x: Arr, labels: Arr) => Arr): (...args: [Arr[], Arr, Arr]) => [Arr, Arr[]];
  blockUntilReady(arrays: Arr[]): Promise<Arr[]>;
}

export interface JaxOptimizer {
  /** Zeros at first: one list of arrays like the weights for each value that is kept. */
  state: Arr[][];
  /** What changes from step to step, called once before each. */
  factors(): Arr[];
  /** New weights and new state. Owns all it is given. */
  update(weights: Arr[], gradients: Arr[], state: Arr[][], factors: Arr[]): [Arr[], Arr[][]];
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/** SGD and Adam by the formulas of PyTorch. */
export function optimizerOf(jax: Jax, spec: OptimizerSpec, weights: readonly Arr[]): JaxOptimizer {
  const zeros = (): Arr[] => weights.map(({ shape }) => jax.numpy.zeros(shape));
  if (spec.kind === 'adam') return adam(jax, spec.learningRate, [zeros(), zeros()]);
  return spec.momentum === 0 ? sgd(spec.learningRate) : momentum(spec, [zeros()]);
}

function sgd(rate: number): JaxOptimizer {
  return {
    state: [],
    factors: () => [],
    update: (weights, gradients) => [weights.map((weight, i) => weight.sub(gradients[i]!.mul(rate))), []],
  };
}

function momentum(spec: { learningRate: number; momentum: number }, state: Arr[][]): JaxOptimizer {
  return {
    state,
    factors: () => [],
    update: (weights, gradients, [velocity]) => {
      const next = velocity!.map((value, i) => value.mul(spec.momentum).add(gradients[i]!));
      return [weights.map((weight, i) => weight.sub(next[i]!.ref.mul(spec.learningRate))), [next]];
    },
  };
}

function adam(jax: Jax, rate: number, state: Arr[][]): JaxOptimizer {
  let steps = 0;
  return {
    state,
    factors: () => {
      steps++;
      return [BETA1, BETA2].map((beta) => jax.numpy.array(Float32Array.of(1 - beta ** steps)));
    },
    update: (weights, gradients, [means, squares], [meanFactor, squareFactor]) => {
      const m = means!.map((value, i) => value.mul(BETA1).add(gradients[i]!.ref.mul(1 - BETA1)));
      const v = squares!.map((value, i) => value.mul(BETA2).add(gradients[i]!.ref.mul(gradients[i]!).mul(1 - BETA2)));
      const stepped = weights.map((weight, i) => {
        const deviation = jax.numpy.sqrt(v[i]!.ref.div(squareFactor!.ref)).add(EPSILON);
        return weight.sub(m[i]!.ref.div(meanFactor!.ref).div(deviation).mul(rate));
      });
      meanFactor!.dispose();
      squareFactor!.dispose();
      return [stepped, [m, v]];
    },
  };
}
