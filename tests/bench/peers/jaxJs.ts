// jax-js on its wasm device as a contender: gradients by `valueAndGrad`, whole steps compiled by `jit`. Its functions own
// what they are given, so `ref` where a value is used again. In Node it has one thread.
import { sampledIndices, type LoadRequest } from '../protocol.ts';
import { weightedLayers } from '../shapes.ts';
import { CLASSES, type LayerSpec, type Network, type Product } from '../workloads.ts';
import { importPeer } from './importPeer.ts';
import { optimizerOf, type Arr, type Jax } from './jaxJsOptimizers.ts';
import { answering, type Job } from './job.ts';
import { serve } from './serve.ts';
import { readFloats, readTensor } from './tensors.ts';

const jax = await importPeer<Jax>('@jax-js/jax');
if (!(await jax.init('wasm')).includes('wasm')) throw new Error('jax-js: no device "wasm"');
jax.defaultDevice('wasm');
const { numpy: np, nn, lax } = jax;

serve(
  answering({
    load(request) {
      const { workload } = request;
      if (workload.kind === 'network') return bindNetwork(workload, request);
      if (workload.kind === 'gemm') return bindProduct(workload, request);
      throw new Error('is not measured on single convolutions');
    },
  }),
);

function bindNetwork(network: Network, { phase, tensors }: LoadRequest): Job {
  const { batch, input } = network;
  const first = (): Arr[] =>
    weightedLayers(network).flatMap(({ kernel }, i) => {
      const stored = np.array(readFloats(tensors[`kernel${i}`])).reshape(kernel);
      return [kernel.length === 4 ? stored.transpose([3, 2, 0, 1]) : stored, np.zeros([kernel.at(-1)!])];
    });
  const x = np
    .array(readFloats(tensors['x']))
    .reshape([batch, ...input])
    .transpose([0, 3, 1, 2]);
  let weights = first();
  const reset = (): void => {
    jax.tree.dispose(weights);
    weights = first();
  };
  const dispose = (): void => jax.tree.dispose([...weights, x]);
  if (phase === 'predict') {
    const forward = jax.jit((params: Arr[], images: Arr) => forwardOf(network, params, images));
    return { reset, dispose, ...keepingLast(() => forward(jax.tree.ref(weights), x.ref), Array.from) };
  }

  const labels = nn.oneHot(np.array(readTensor(tensors['labels']!)), CLASSES);
  const optimizer = optimizerOf(jax, network.optimizer, weights);
  const lossOf = (params: Arr[], images: Arr, oneHot: Arr): Arr =>
    nn
      .logSoftmax(forwardOf(network, params, images))
      .mul(oneHot)
      .sum()
      .mul(-1 / batch);
  const step = jax.jit((params: Arr[], state: Arr[][], factors: Arr[], images: Arr, oneHot: Arr) => {
    const [loss, gradients] = jax.valueAndGrad(lossOf)(jax.tree.ref(params), images, oneHot);
    return [loss, ...optimizer.update(params, gradients, state, factors)] as const;
  });
  let { state } = optimizer;
  let loss = np.zeros([1]);
  return {
    reset,
    dispose,
    step: async () => {
      loss.dispose();
      [loss, weights, state] = step(weights, state, optimizer.factors(), x.ref, labels.ref);
      // Arrays are lazy: the step has ended when they hold values.
      await jax.blockUntilReady([loss, ...weights, ...state.flat()]);
    },
    values: () => loss.ref.dataSync(),
  };
}

/** Logits. Owns the weights and the images. */
function forwardOf({ layers }: Network, weights: Arr[], images: Arr): Arr {
  let next = 0;
  let x = images;
  for (const layer of layers) {
    if (layer.kind === 'pool') {
      x = maxPool(x, layer.ceil);
    } else if (layer.kind === 'flatten') {
      const [batch, channels, height, width] = x.shape as [number, number, number, number];
      x = x.transpose([0, 2, 3, 1]).reshape([batch, height * width * channels]);
    } else {
      const [kernel, bias] = [weights[next++]!, weights[next++]!];
      x = weighted(layer, x, kernel, bias);
    }
  }
  return x;
}

function weighted(layer: Exclude<LayerSpec, { kind: 'pool' | 'flatten' }>, x: Arr, kernel: Arr, bias: Arr): Arr {
  const linear =
    layer.kind === 'dense'
      ? np.matmul(x, kernel).add(bias)
      : lax
          .convGeneralDilated(x, kernel, [1, 1], layer.padding.toUpperCase())
          .add(bias.reshape([1, layer.filters, 1, 1]));
  if (layer.activation === 'linear') return linear;
  return layer.activation === 'relu' ? nn.relu(linear) : np.tanh(linear);
}

/** Of NCHW pictures, 2x2. Zeros after the last row and column never win, as they come after relu. */
function maxPool(x: Arr, ceil: boolean): Arr {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [rows, columns] = [height, width].map((size) => Math.ceil(size / 2)) as [number, number];
  const even = height % 2 === 0 && width % 2 === 0;
  if (!even && !ceil) throw new Error(`odd pictures ${height}x${width} are only pooled with ceil`);
  const after = [0, 0, 2 * rows - height, 2 * columns - width].map((pad) => [0, pad]);
  return np.max((even ? x : np.pad(x, after)).reshape([batch, channels, rows, 2, columns, 2]), [3, 5]);
}

function bindProduct({ n, transposeA, transposeB }: Product, { tensors }: LoadRequest): Job {
  const [a, b] = ['a', 'b'].map((name) => np.array(readFloats(tensors[name])).reshape([n, n])) as [Arr, Arr];
  const plain = (matrix: Arr, transposed: boolean): Arr => (transposed ? matrix.transpose([1, 0]) : matrix);
  const multiply = jax.jit((left: Arr, right: Arr) => np.matmul(plain(left, transposeA), plain(right, transposeB)));
  return keepingLast(
    () => multiply(a.ref, b.ref),
    (values) => sampledIndices(values.length).map((index) => values[index]!),
  );
}

/** A job that keeps one result, and frees the one before. */
function keepingLast(compute: () => Arr, valuesOf: (values: Float32Array) => number[]): Job {
  let last: Arr | undefined;
  return {
    step: async () => {
      last?.dispose();
      last = compute();
      await jax.blockUntilReady([last]);
    },
    values: () => valuesOf(last!.ref.dataSync()),
  };
}
