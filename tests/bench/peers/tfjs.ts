// TensorFlow.js as a contender: `tfjs.ts cpu` or `tfjs.ts wasm`.
import { sampledIndices, type LoadRequest } from '../protocol.ts';
import { weightedLayers } from '../shapes.ts';
import type { Convolution, LayerSpec, Network, OptimizerSpec, Product } from '../workloads.ts';
import { importPeer } from './importPeer.ts';
import { answering, type Job } from './job.ts';
import { serve } from './serve.ts';
import { readFloats, readTensor } from './tensors.ts';

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

interface LayersModel {
  add(layer: object): void;
  compile(options: object): void;
  setWeights(weights: Tensor[]): void;
  trainOnBatch(x: Tensor, y: Tensor): Promise<number>;
  predictOnBatch(x: Tensor): Tensor;
  dispose(): void;
}

type LayerMaker = (options: object) => object;

interface Tfjs {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array | Int32Array, shape: readonly number[]): Tensor;
  tensor1d(values: Int32Array, dtype: string): Tensor;
  oneHot(labels: Tensor, depth: number): Tensor;
  zeros(shape: number[]): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  conv2d(x: Tensor, filter: Tensor, strides: number, pad: string): Tensor;
  sequential(): LayersModel;
  layers: Record<'inputLayer' | 'conv2d' | 'maxPooling2d' | 'flatten' | 'dense', LayerMaker>;
  losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  train: Record<'sgd' | 'adam', (rate: number) => object> & { momentum(rate: number, momentum: number): object };
}

const [backend] = process.argv.slice(2);
const tf = await importPeer<Tfjs>('@tensorflow/tfjs');
if (backend === 'wasm') await importPeer('@tensorflow/tfjs-backend-wasm');
if (!(await tf.setBackend(backend!))) throw new Error(`tfjs: no backend "${backend}"`);
await tf.ready();

serve(
  answering({
    load(request) {
      const { workload } = request;
      if (workload.kind === 'network') return bindNetwork(workload, request);
      if (workload.kind === 'gemm') return bindProduct(workload, request);
      return bindConvolution(workload, request);
    },
  }),
);

function bindNetwork(network: Network, { phase, tensors }: LoadRequest): Job {
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: network.input }));
  for (const layer of network.layers) model.add(layerOf(layer));
  const first = weightedLayers(network).flatMap(({ kernel }, i) => [
    tf.tensor(readFloats(tensors[`kernel${i}`]), kernel),
    tf.zeros([kernel.at(-1)!]),
  ]);
  model.setWeights(first);
  const x = tf.tensor(readFloats(tensors['x']), [network.batch, ...network.input]);
  const job = { reset: () => model.setWeights(first), dispose: () => model.dispose() };
  if (phase === 'predict') {
    return {
      ...job,
      ...keepingLast(
        () => model.predictOnBatch(x),
        (output) => output,
      ),
    };
  }
  const loss = (labels: Tensor, logits: Tensor): Tensor => tf.losses.softmaxCrossEntropy(labels, logits);
  model.compile({ optimizer: optimizerOf(network.optimizer), loss });
  const labels = tf.oneHot(tf.tensor1d(readTensor(tensors['labels']!) as Int32Array, 'int32'), 10);
  let last = NaN;
  return {
    ...job,
    step: async () => {
      last = await model.trainOnBatch(x, labels);
    },
    values: () => [last],
  };
}

function layerOf(spec: LayerSpec): object {
  const zeros = 'zeros';
  switch (spec.kind) {
    case 'conv': {
      const { filters, kernel, padding, activation } = spec;
      return tf.layers.conv2d({ filters, kernelSize: kernel, padding, activation, kernelInitializer: zeros });
    }
    case 'pool':
      return tf.layers.maxPooling2d({ poolSize: 2, padding: spec.ceil ? 'same' : 'valid' });
    case 'flatten':
      return tf.layers.flatten({});
    case 'dense':
      return tf.layers.dense({ units: spec.units, activation: spec.activation, kernelInitializer: zeros });
  }
}

function optimizerOf(spec: OptimizerSpec): object {
  if (spec.kind === 'adam') return tf.train.adam(spec.learningRate);
  return spec.momentum === 0 ? tf.train.sgd(spec.learningRate) : tf.train.momentum(spec.learningRate, spec.momentum);
}

function bindProduct({ n, transposeA, transposeB }: Product, { tensors }: LoadRequest): Job {
  const [a, b] = ['a', 'b'].map((name) => tf.tensor(readFloats(tensors[name]), [n, n])) as [Tensor, Tensor];
  return keepingLast(() => tf.matMul(a, b, transposeA, transposeB), sampled);
}

function bindConvolution({ pass }: Convolution, { tensors }: LoadRequest): Job {
  if (pass !== 'forward') throw new Error('only the forward pass is measured');
  const [input, weight] = ['input', 'weight'].map((name) => tf.tensor(readFloats(tensors[name]), tensors[name]!.shape));
  return keepingLast(() => tf.conv2d(input!, weight!, 1, 'same'), sampled);
}

/** A job that keeps one result, and frees the one before. */
function keepingLast(compute: () => Tensor, valuesOf: (values: Float32Array) => ArrayLike<number>): Job {
  let last: Tensor | undefined;
  return {
    step: () => {
      last?.dispose();
      last = compute();
    },
    values: () => valuesOf(last!.dataSync()),
    dispose: () => last?.dispose(),
  };
}

function sampled(values: Float32Array): number[] {
  return sampledIndices(values.length).map((index) => values[index]!);
}
