import type { Inspection, NDArray } from '../../ts/entrypoints/node.ts';
import type { Case } from './case.ts';
import type { Checks } from './compare.ts';
import { goldenModel, goldenNetwork, goldenParameters, isShared, layerOf, type GoldenNetwork } from './goldenModel.ts';
import { orderTraining } from './optimizers.ts';
import {
  record,
  samplesToFile,
  samplesToLibrary,
  scalar,
  tensor,
  vector,
  weightsToFile,
  type Tensor,
} from './tensor.ts';

/** Of the largest entry of each tensor; float32 arithmetic alone stays below 7e-7 (MODEL section 10). */
const TOLERANCE = 1e-5;

type Fields = Record<string, unknown>;

/** What is read of a file before anything runs. */
interface GoldenFile {
  fields: Fields;
  network: GoldenNetwork;
  params: Fields;
  rates: Record<string, number>;
  x: NDArray;
  y: NDArray;
}

/** Cases of a cnn-golden file of kind `network`: one. */
export function networkCases(fields: Fields): Case[] {
  return [{ name: 'network', run: (checks) => runNetwork(readFile(fields), checks) }];
}

/** Cases of kind `orders`: the network, each order, and the trajectory. */
export function orderCases(fields: Fields): Case[] {
  const orders = record('orders', fields.orders);
  return [
    ...networkCases(fields),
    ...Object.keys(orders).map((order) => ({
      name: `order ${order}`,
      run: (checks: Checks) => runOrder(readFile(fields), order, record(`orders.${order}`, orders[order]), checks),
    })),
    {
      name: 'trajectory',
      run: (checks) => runTrajectory(readFile(fields), record('trajectory', fields.trajectory), checks),
    },
  ];
}

function readFile(fields: Fields): GoldenFile {
  const params = record('params', fields.params);
  const network = goldenNetwork(fields.config, params);
  const inputs = record('inputs', fields.inputs);
  const x = samplesToLibrary(tensor('inputs.X', inputs.X));
  if (x.shape[0] !== fields.samples)
    throw new Error(`inputs.X holds ${x.shape[0]} samples, expected ${String(fields.samples)}`);
  const rates = record('learningRates', fields.learningRates) as Record<string, number>;
  for (const name of network.trained) {
    if (typeof rates[name] !== 'number')
      throw new Error(`learningRates.${name}: expected a number, got ${JSON.stringify(rates[name])}`);
  }
  return { fields, network, params, rates, x, y: samplesToLibrary(tensor('inputs.Y', inputs.Y)) };
}

/** Everything of the unfused pass, then one joint step of the fused one. */
function runNetwork(file: GoldenFile, checks: Checks): void {
  const { fields, network, params, rates, x, y } = file;
  const model = goldenModel(network, params, orderTraining('order', 'joint', rates));
  const inspection = model.inspect({ x, y });
  compareAll(checks, 'forward', fields.forward, forwardOf(network, inspection));
  compareAll(checks, 'deltas', fields.deltas, deltasOf(network, inspection));
  compareAll(checks, 'grads', fields.grads, gradientsOf(network, inspection));
  checks.close('loss', scalar('loss', inspection.loss), scalar('loss', fields.loss), TOLERANCE);
  checks.close('lossPerSample', inspection.sampleLosses, vector('lossPerSample', fields.lossPerSample), TOLERANCE);
  checks.close('dX', samplesToFile(inspection.inputGradient), tensor('dX', fields.dX), TOLERANCE);

  const { loss } = model.trainOnBatch(x, y);
  checks.close('loss while training', number(loss), scalar('loss', fields.loss), TOLERANCE);
  compareAll(checks, 'updated', fields.updated, goldenParameters(network, model));
  const after = model.computeGradients(x, y).loss;
  checks.close('lossAfterUpdate', number(after), scalar('lossAfterUpdate', fields.lossAfterUpdate), TOLERANCE);
  model.dispose();
}

function runOrder({ network, params, rates, x, y }: GoldenFile, order: string, expected: Fields, checks: Checks): void {
  const model = goldenModel(network, params, orderTraining('orders', order, rates, expected.inner));
  model.trainOnBatch(x, y);
  compareAll(checks, `orders.${order}.params`, expected.params, goldenParameters(network, model));
  const after = number(model.computeGradients(x, y).loss);
  checks.close(`orders.${order}.lossAfter`, after, scalar('lossAfter', expected.lossAfter), TOLERANCE);
  model.dispose();
}

function runTrajectory({ network, params, rates, x, y }: GoldenFile, expected: Fields, checks: Checks): void {
  const model = goldenModel(network, params, orderTraining('trajectory.order', expected.order, rates));
  const losses = vector('trajectory.losses', expected.losses);
  if (losses.data.length !== Number(expected.steps) + 1) {
    throw new Error(`trajectory: ${String(expected.steps)} steps need one loss more, got ${losses.data.length}`);
  }
  const got = Array.from({ length: losses.data.length - 1 }, () => model.trainOnBatch(x, y).loss!);
  compareAll(checks, 'trajectory.params', expected.params, goldenParameters(network, model));
  got.push(model.computeGradients(x, y).loss!);
  checks.close('trajectory.losses', { shape: [got.length], data: got }, losses, TOLERANCE);
  model.dispose();
}

/** Compares a group of tensors of the file; both sides must hold the same names. */
function compareAll(checks: Checks, group: string, value: unknown, got: Map<string, Tensor | undefined>): void {
  const expected = record(group, value);
  const unknown = Object.keys(expected).find((name) => !got.has(name));
  if (unknown !== undefined) throw new Error(`${group}: the network of the file has no ${unknown}`);
  for (const [name, values] of got) {
    const tensorOfFile = tensor(`${group}.${name}`, expected[name]);
    if (name.endsWith('.argmax')) checks.equal(name, values, tensorOfFile);
    else checks.close(`${group} ${name}`, values, tensorOfFile, TOLERANCE);
  }
}

function forwardOf(network: GoldenNetwork, { layers }: Inspection): Map<string, Tensor | undefined> {
  return tensorsOf(network, ({ name, kind }) => {
    const { a, z, t, positions } = layers[name]!;
    return kind === 'maxPooling2d' ? { argmax: positions, t } : { a, z };
  });
}

function deltasOf(network: GoldenNetwork, { layers }: Inspection): Map<string, Tensor | undefined> {
  return tensorsOf(network, ({ name, kind }) => {
    const { delta, up } = layers[name]!;
    return kind === 'maxPooling2d' ? { delta, up } : { delta };
  });
}

function gradientsOf(network: GoldenNetwork, { layers }: Inspection): Map<string, Tensor | undefined> {
  return new Map(
    network.parameters.map((parameter) => {
      const layer = layerOf(parameter);
      const kind = parameter.slice(layer.length + 1);
      const gradient = layers[layer]!.gradients[kind === 'W' ? 'kernel' : 'bias'];
      return [`${layer}.d${kind}`, gradient && weightsToFile(gradient, isShared(network, layer))];
    }),
  );
}

/** `<layer>.<name>` for what `read` gives of each layer, in the file's layout. */
function tensorsOf(
  { layers }: GoldenNetwork,
  read: (layer: GoldenNetwork['layers'][number]) => Record<string, Tensor | undefined>,
): Map<string, Tensor | undefined> {
  const entries = layers.flatMap((layer) =>
    Object.entries(read(layer)).map(([key, value]) => [`${layer.name}.${key}`, value && samplesToFile(value)] as const),
  );
  return new Map(entries);
}

/** A number that the library gave; NaN is left to the comparison. */
function number(value: number | undefined): Tensor | undefined {
  return value === undefined ? undefined : { shape: [], data: [value] };
}
