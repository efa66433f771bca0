import {
  losses,
  sequential,
  sgd,
  type Inspection,
  type Layer,
  type NDArray,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import type { Case } from './case.ts';
import type { Checks } from './compare.ts';
import { need } from './features.ts';
import {
  float32,
  record,
  samplesToFile,
  samplesToLibrary,
  tensor,
  weightsToFile,
  weightsToLibrary,
  type Tensor,
} from './tensor.ts';
import { activationOf, checkKnown, convSpec, makeLayer, oneOf, poolSpec } from './words.ts';

const TOLERANCE = 1e-5;

type Fields = Record<string, unknown>;

/** Cases of a cnn-golden file of kind `ops`, each a model of one layer, or of one layer and a flatten. */
export function operationCases(fields: Fields): Case[] {
  if (!Array.isArray(fields.cases)) throw new Error(`cases: expected a list, got ${JSON.stringify(fields.cases)}`);
  return fields.cases.map((value: unknown, index) => {
    const op = (value as { op?: unknown } | null)?.op;
    return {
      name: `case ${index} ${String(op)}`,
      run(checks) {
        operations[oneOf('op', op, ['conv', 'maxpool', 'activation', 'eq24'])](record('case', value), checks);
      },
    };
  });
}

const operations = {
  conv(fields: Fields, checks: Checks): void {
    const tensors = ['X', 'W', 'b', 'a', 'delta', 'dW', 'db', 'dX'];
    checkKnown('conv', fields, ['op', 'note', 'kernelMode', 'channelMode', 'stride', ...tensors]);
    const { options, needs } = convSpec('conv', fields);
    needs.forEach(need);
    const [weight, useBias] = [tensor('W', fields.W), fields.b !== undefined];
    const [filters, , ...kernelSize] = weight.shape;
    const x = samplesToLibrary(tensor('X', fields.X));
    const model = modelOf(x, makeLayer('conv2d', { ...options, name: 'op', filters, kernelSize, useBias }));
    model.setWeights([weightsToLibrary(weight), ...(useBias ? [float32(tensor('b', fields.b))] : [])]);
    const { layers, inputGradient } = inspectWith(model, x, samplesToLibrary(tensor('delta', fields.delta)));
    const { a, gradients } = layers.op!;
    checks.close('a', inFile(a), tensor('a', fields.a), TOLERANCE);
    checks.close('dW', gradients.kernel && weightsToFile(gradients.kernel), tensor('dW', fields.dW), TOLERANCE);
    if (useBias) checks.close('db', gradients.bias, tensor('db', fields.db), TOLERANCE);
    checks.close('dX', inFile(inputGradient), tensor('dX', fields.dX), TOLERANCE);
    model.dispose();
  },

  maxpool(fields: Fields, checks: Checks): void {
    const tensors = ['Z', 't', 'argmax', 'delta', 'up'];
    checkKnown('maxpool', fields, ['op', 'note', 'size', 'rounding', 'padSide', 'padValue', ...tensors]);
    const z = samplesToLibrary(tensor('Z', fields.Z));
    const model = modelOf(z, makeLayer('maxPooling2d', { ...poolSpec('maxpool', fields).options, name: 'op' }));
    const { layers } = inspectWith(model, z, samplesToLibrary(tensor('delta', fields.delta)));
    const { t, positions, up } = layers.op!;
    checks.close('t', inFile(t), tensor('t', fields.t), TOLERANCE);
    checks.equal('argmax', inFile(positions), tensor('argmax', fields.argmax));
    checks.close('up', inFile(up), tensor('up', fields.up), TOLERANCE);
    model.dispose();
  },

  activation(fields: Fields, checks: Checks): void {
    checkKnown('activation', fields, ['op', 'note', 'name', 'a', 'z', 'derivative']);
    const { shape, data } = tensor('a', fields.a);
    const a = float32({ shape: [1, data.length], data });
    const model = modelOf(a, makeLayer('activation', { name: 'op', activation: activationOf('name', fields.name) }));
    const ones = { shape: a.shape, data: new Float32Array(data.length).fill(1) };
    const { output, inputGradient } = inspectWith(model, a, ones);
    checks.close('z', { shape, data: output.data }, tensor('z', fields.z), TOLERANCE);
    checks.close('derivative', { shape, data: inputGradient.data }, tensor('derivative', fields.derivative), TOLERANCE);
    model.dispose();
  },

  eq24(): void {
    need('op eq24');
    throw new Error('eq24 is not mapped to the library yet');
  },
};

function modelOf({ shape }: NDArray, layer: Layer): Sequential {
  const model = sequential([makeLayer('input', { shape: shape.slice(1) }), layer]);
  model.compile({ optimizer: sgd(), loss: losses.halfSquaredError() });
  return model;
}

/**
 * A pass in which dE/d(output) is `delta`: the loss gives `output - target`, so the target is the output less delta.
 * That costs a rounding of the output, some 6e-8 of it.
 */
function inspectWith(model: Sequential, x: NDArray<Float32Array>, delta: NDArray<Float32Array>): Inspection {
  const { data, shape } = model.predictOnBatch(x);
  if (data.length !== delta.data.length)
    throw new Error(`delta: expected shape [${shape.join(', ')}], got [${delta.shape.join(', ')}]`);
  return model.inspect({ x, y: { shape, data: data.map((value, i) => value - delta.data[i]!) } });
}

function inFile(library: Tensor | undefined): Tensor | undefined {
  return library && samplesToFile(library);
}
