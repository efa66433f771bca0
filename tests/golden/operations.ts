import type { Case } from './case.ts';
import type { Checks } from './compare.ts';
import { callOperations } from './operationCalls.ts';
import { layerOperations } from './operationLayers.ts';
import {
  float32,
  record,
  samplesToLibrary,
  tensor,
  weightsToLibrary,
  type Float32Tensor,
  type Tensor,
} from './tensor.ts';
import { activationOf, checkKnown, convSpec, oneOf, poolSpec } from './words.ts';

const TOLERANCE = 1e-5;

type Fields = Record<string, unknown>;

/** A convolution with what goes in, in the library's layouts; `options` are those of its layer. */
export interface ConvOperation {
  options: Record<string, unknown>;
  x: Float32Tensor;
  weight: Float32Tensor;
  bias: Float32Tensor | undefined;
  delta: Float32Tensor;
}

/** A max pooling with what goes in. */
export interface PoolOperation {
  options: Record<string, unknown>;
  z: Float32Tensor;
  delta: Float32Tensor;
}

/** The adjoint of a true convolution with one kernel. */
export interface Eq24Operation {
  /** [1, height, width, 1]. */
  delta: Float32Tensor;
  /** [kh, kw, 1, 1]. */
  weight: Float32Tensor;
}

/** An activation of single values. */
export interface ActivationOperation {
  activation: string;
  a: Float32Tensor;
}

/** One way to run operations: what comes out by the names and in the layouts of the files. */
export interface Operations {
  conv(operation: ConvOperation): Record<string, Tensor | undefined>;
  maxpool(operation: PoolOperation): Record<string, Tensor | undefined>;
  activation(operation: ActivationOperation): Record<string, Tensor | undefined>;
  /** `full` is the adjoint, `topLeftOnly` the form that the paper prints. */
  eq24(operation: Eq24Operation): Record<string, Tensor | undefined>;
}

/** As a model of one layer, and as calls of `fourlane/ops`. */
const ways: Record<string, Operations> = { layer: layerOperations, call: callOperations };

/** Cases of a cnn-golden file of kind `ops`. */
export function operationCases(fields: Fields): Case[] {
  if (!Array.isArray(fields.cases)) throw new Error(`cases: expected a list, got ${JSON.stringify(fields.cases)}`);
  return fields.cases.map((value: unknown, index) => {
    const op = (value as { op?: unknown } | null)?.op;
    return {
      name: `case ${index} ${String(op)}`,
      run(checks) {
        runners[oneOf('op', op, ['conv', 'maxpool', 'activation', 'eq24'])](record('case', value), checks);
      },
    };
  });
}

const runners = {
  conv(fields: Fields, checks: Checks): void {
    const results = ['a', 'dW', 'dX', ...(fields.b === undefined ? [] : ['db'])];
    const inputs = ['X', 'W', 'b', 'delta'];
    checkKnown('conv', fields, ['op', 'note', 'kernelMode', 'channelMode', 'stride', ...inputs, ...results]);
    const operation: ConvOperation = {
      options: convSpec('conv', fields).options,
      x: samplesToLibrary(tensor('X', fields.X)),
      weight: weightsToLibrary(tensor('W', fields.W)),
      bias: fields.b === undefined ? undefined : float32(tensor('b', fields.b)),
      delta: samplesToLibrary(tensor('delta', fields.delta)),
    };
    compare(checks, fields, results, (way) => way.conv(operation));
  },

  maxpool(fields: Fields, checks: Checks): void {
    const results = ['t', 'argmax', 'up'];
    const options = ['size', 'rounding', 'padSide', 'padValue'];
    checkKnown('maxpool', fields, ['op', 'note', ...options, 'Z', 'delta', ...results]);
    const operation: PoolOperation = {
      options: poolSpec('maxpool', fields).options,
      z: samplesToLibrary(tensor('Z', fields.Z)),
      delta: samplesToLibrary(tensor('delta', fields.delta)),
    };
    compare(checks, fields, results, (way) => way.maxpool(operation));
  },

  activation(fields: Fields, checks: Checks): void {
    const results = ['z', 'derivative'];
    checkKnown('activation', fields, ['op', 'note', 'name', 'a', ...results]);
    const operation = { activation: activationOf('name', fields.name), a: float32(tensor('a', fields.a)) };
    compare(checks, fields, results, (way) => way.activation(operation));
  },

  eq24(fields: Fields, checks: Checks): void {
    const results = ['full', 'topLeftOnly'];
    checkKnown('eq24', fields, ['op', 'note', 'delta', 'W', ...results]);
    const operation = { delta: plane(tensor('delta', fields.delta)), weight: kernel(tensor('W', fields.W)) };
    compare(checks, fields, results, (way) => way.eq24(operation));
  },
};

/** One plane of the file, in the library's layouts. */
const plane = ({ shape, data }: Tensor): Float32Tensor => float32({ shape: [1, ...shape, 1], data });
const kernel = ({ shape, data }: Tensor): Float32Tensor => float32({ shape: [...shape, 1, 1], data });

/** The first plane of samples, in the layout of the file. */
export const planeOf = ({ shape, data }: Tensor): Tensor => ({ shape: shape.slice(1, 3), data });

/** Compares the named results of each way with the tensors of the file. */
function compare(
  checks: Checks,
  fields: Fields,
  results: readonly string[],
  run: (way: Operations) => Record<string, Tensor | undefined>,
): void {
  const expected = results.map((name) => tensor(name, fields[name]));
  for (const [way, operations] of Object.entries(ways)) {
    const got = run(operations);
    results.forEach((name, index) => {
      if (name === 'argmax') checks.equal(`${way} ${name}`, got[name], expected[index]!);
      else checks.close(`${way} ${name}`, got[name], expected[index]!, TOLERANCE);
    });
  }
}
