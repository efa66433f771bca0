import { checkLabels } from '../../data/oneHot.ts';
import type { DType, NDArray } from '../../ndarray.ts';
import { checkKnown, oneOf } from '../../options.ts';
import { callKernel, type OpOptions } from './call.ts';
import type { EngineBuffer } from './engineBuffer.ts';
import { axesOf, elementsOf, type Operand, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result, type Results } from './result.ts';

/** What one number for many samples means. */
export interface LossCallOptions {
  /** Default `sum` for the half sum of squares, `mean` for the cross entropies. */
  reduction?: 'sum' | 'mean';
}

/** The loss of a batch, and of each sample `[N]`. */
export type LossResult<Out> = { loss: number } & Results<Out, { sampleLoss: NDArray<Float32Array> }>;

type ForwardOptions<Out> = LossCallOptions & OpOptions & { out?: Out };

interface LossBuffers {
  readonly sampleLoss?: EngineBuffer;
}

/** A loss as a pair of kernels. */
interface LossKernel {
  name: string;
  reduction: 'sum' | 'mean';
  /** Of the targets: class labels `[N]`, or `[N, size]`. */
  targetDType: DType;
}

const halfSquaredError: LossKernel = { name: 'halfSquaredError', reduction: 'sum', targetDType: 'float32' };
const crossEntropy: LossKernel = { name: 'softmaxCrossEntropy', reduction: 'mean', targetDType: 'float32' };
const sparseCrossEntropy: LossKernel = { name: 'sparseSoftmaxCrossEntropy', reduction: 'mean', targetDType: 'int32' };

function setUp(kernel: LossKernel, pass: string, prediction: Tensor, target: Tensor<DType>, options: LossCallOptions) {
  const where = `${kernel.name}${pass}`;
  checkKnown(where, options, ['reduction', ...intoOptions]);
  const reduction = oneOf(where, 'reduction', options.reduction ?? kernel.reduction, ['sum', 'mean']);
  const [samples, size] = axesOf(where, 'prediction', prediction, ['N', 'size']);
  const isLabels = kernel.targetDType === 'int32';
  if (isLabels) checkLabels(where, elementsOf(where, 'target', target), size);
  const operands: Record<string, Operand> = {
    prediction: { value: prediction, shape: [samples, size] },
    target: { value: target, shape: isLabels ? [samples] : [samples, size], dtype: kernel.targetDType },
  };
  return { where, samples, size, reduction, operands };
}

function forward<Out extends LossBuffers>(
  kernel: LossKernel,
  prediction: Tensor,
  target: Tensor<DType>,
  options: ForwardOptions<Out>,
): LossResult<Out> {
  const { where, samples, size, reduction, operands } = setUp(kernel, 'Forward', prediction, target, options);
  checkKnown(`${where}: out`, options.out ?? {}, ['sampleLoss']);
  const { value, results } = callKernel(where, {
    engine: options.engine,
    samples,
    attributes: { size, reduction },
    operands: { ...operands, sampleLoss: { value: options.out?.sampleLoss, shape: [samples] } },
  });
  const sum = value as number;
  return { loss: reduction === 'sum' ? sum : sum / samples, ...results } as LossResult<Out>;
}

function backward<Out extends MaybeBuffer>(
  kernel: LossKernel,
  prediction: Tensor,
  target: Tensor<DType>,
  options: LossCallOptions & Into<Out>,
): Result<Out> {
  const { where, samples, size, reduction, operands } = setUp(kernel, 'Backward', prediction, target, options);
  return resultOf<Out>(where, 'gradPrediction', {
    engine: options.engine,
    samples,
    attributes: { size, reduction },
    operands: { ...operands, gradPrediction: { value: options.out, shape: [samples, size] } },
  });
}

/** `1/2 sum_k (target[n,k] - prediction[n,k])^2` of each sample; both `[N, size]`. */
export function halfSquaredErrorForward<const Out extends LossBuffers = object>(
  prediction: Tensor,
  target: Tensor,
  options: ForwardOptions<Out> = {},
): LossResult<Out> {
  return forward(halfSquaredError, prediction, target, options);
}

/** Gradient of that loss, `prediction - target`, divided by N with `reduction: 'mean'`. */
export function halfSquaredErrorBackward<Out extends MaybeBuffer = undefined>(
  prediction: Tensor,
  target: Tensor,
  options: LossCallOptions & Into<Out> = {},
): Result<Out> {
  return backward(halfSquaredError, prediction, target, options);
}

/** `-sum_k target[n,k] log softmax(logits[n])[k]` of each sample; both `[N, classes]`. */
export function softmaxCrossEntropyForward<const Out extends LossBuffers = object>(
  logits: Tensor,
  target: Tensor,
  options: ForwardOptions<Out> = {},
): LossResult<Out> {
  return forward(crossEntropy, logits, target, options);
}

/** Gradient of that loss for the logits, divided by N unless `reduction` is `sum`. */
export function softmaxCrossEntropyBackward<Out extends MaybeBuffer = undefined>(
  logits: Tensor,
  target: Tensor,
  options: LossCallOptions & Into<Out> = {},
): Result<Out> {
  return backward(crossEntropy, logits, target, options);
}

/** As {@link softmaxCrossEntropyForward}, with integer labels `[N]`. Throws a DataError for labels out of range. */
export function sparseSoftmaxCrossEntropyForward<const Out extends LossBuffers = object>(
  logits: Tensor,
  labels: Tensor<'int32'>,
  options: ForwardOptions<Out> = {},
): LossResult<Out> {
  return forward(sparseCrossEntropy, logits, labels, options);
}

/** As {@link softmaxCrossEntropyBackward}, with integer labels `[N]`. Throws a DataError for labels out of range. */
export function sparseSoftmaxCrossEntropyBackward<Out extends MaybeBuffer = undefined>(
  logits: Tensor,
  labels: Tensor<'int32'>,
  options: LossCallOptions & Into<Out> = {},
): Result<Out> {
  return backward(sparseCrossEntropy, logits, labels, options);
}
