import {
  losses,
  sequential,
  sgd,
  type Loss,
  type NDArray,
  type Optimizer,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import type { Case } from './case.ts';
import type { Checks } from './compare.ts';
import { trainingOptimizer } from './optimizers.ts';
import { current } from './runs.ts';
import { float32, record, scalar, tensor, vector, type Tensor } from './tensor.ts';
import { checkKnown, makeLayer, oneOf } from './words.ts';

/** Of the largest entry of each tensor. */
const TOLERANCE = 1e-5;
/** Of gradients, whose sums may nearly cancel, and of what follows from several steps with them. */
const TOLERANCE_OF_SUMS = 1e-4;

type Fields = Record<string, unknown>;

/** Cases of a cnn-training file: the pass at the initial weights, which no optimizer touches, and the training. */
export function trainingCases(fields: Fields): Case[] {
  return [
    { name: 'first pass', run: (checks) => runPass(fields, checks) },
    { name: 'training', run: (checks) => runTraining(fields, checks) },
  ];
}

function runPass(fields: Fields, checks: Checks): void {
  const model = trainingModel(fields, sgd());
  const { x, y } = batchOf(fields);
  const { output, loss, inputGradient, layers } = model.inspect({ x, y });
  const logits = tensor('logits', fields.logits);
  checks.close('logits', output, logits, TOLERANCE);
  checks.close('predicted logits', model.predictOnBatch(x), logits, TOLERANCE);
  checks.close('loss', { shape: [], data: [loss] }, scalar('loss', fields.loss), TOLERANCE);
  checks.close('dX', inputGradient, tensor('dX', fields.dX), TOLERANCE);
  const gradients = model.layers.flatMap(({ name, weights }) =>
    weights.map((weight) => layers[name]!.gradients[weight.name]),
  );
  closeAll(checks, 'gradients', gradients, fields.gradients);
  model.dispose();
}

function runTraining(fields: Fields, checks: Checks): void {
  const model = trainingModel(fields, trainingOptimizer(record('config', fields.config).optimizer));
  const { x, y } = batchOf(fields);
  const expected = vector('losses', fields.losses);
  const got = Array.from(expected.data, () => model.trainOnBatch(x, y).loss!);
  checks.close('losses', { shape: expected.shape, data: got }, expected, TOLERANCE_OF_SUMS);
  closeAll(checks, 'finalWeights', model.getWeights(), fields.finalWeights);
  model.dispose();
}

/** The file's layers go by the library's own names and options, which the library checks. */
function trainingModel(fields: Fields, optimizer: Optimizer): Sequential {
  const config = record('config', fields.config);
  checkKnown('config', config, ['input', 'layers', 'loss', 'optimizer']);
  if (!Array.isArray(config.layers))
    throw new Error(`config.layers: expected a list, got ${JSON.stringify(config.layers)}`);
  const chain = config.layers.map((entry: unknown, index) => {
    const { type, ...options } = record(`config.layers[${index}]`, entry);
    const kind = String(type);
    return makeLayer(kind, { name: `${kind} ${index}`, ...options });
  });
  const model = sequential([makeLayer('input', { shape: config.input }), ...chain]);
  model.compile({ ...current, optimizer, loss: trainingLoss(config.loss) });
  model.setWeights(list('weights', fields.weights).map((value, index) => float32(tensor(`weights[${index}]`, value))));
  return model;
}

function trainingLoss(value: unknown): Loss {
  oneOf('config.loss', value, ['softmaxCrossEntropy mean']);
  return losses.sparseCategoricalCrossentropy({ fromLogits: true });
}

function batchOf(fields: Fields): { x: NDArray; y: NDArray } {
  const x = float32(tensor('x', fields.x));
  const { data, shape } = vector('labels', fields.labels);
  if (fields.batch !== x.shape[0]) throw new Error(`x holds ${x.shape[0]} samples, expected ${String(fields.batch)}`);
  return { x, y: { shape, data: Int32Array.from(data) } };
}

/** Compares lists of tensors that must be of one length. */
function closeAll(checks: Checks, name: string, got: readonly (Tensor | undefined)[], value: unknown): void {
  const expected = list(name, value);
  if (expected.length !== got.length)
    throw new Error(`${name}: got ${got.length} tensors, expected ${expected.length}`);
  expected.forEach((entry, index) => {
    const what = `${name}[${index}]`;
    checks.close(what, got[index], tensor(what, entry), TOLERANCE_OF_SUMS);
  });
}

function list(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name}: expected a list, got ${JSON.stringify(value)}`);
  return value;
}
