import { checkKnown, number } from '../../options.ts';
import { sizeOf } from '../../shape.ts';
import { checkDescentOptions, descentOptionNames, type DescentOptions } from '../updateOptions.ts';
import { callKernel, type OpOptions } from './call.ts';
import { shapeOf, type Tensor } from './operand.ts';
import { resultOf, type Result, type StateOf } from './result.ts';

/**
 * `parameter - learningRate (gradient + weightDecay parameter)`, both of one shape: written into `parameter` and
 * returned where that is a buffer, else a new array. A rate of 0 leaves it as it is, bit for bit.
 */
export function sgdUpdate<Parameter extends Tensor>(
  parameter: Parameter,
  gradient: Tensor,
  options: OpOptions & { learningRate: number } & Pick<DescentOptions, 'weightDecay'>,
): Result<Parameter> {
  const where = 'sgdUpdate';
  checkKnown(where, options, ['learningRate', 'weightDecay', 'engine']);
  const shape = shapeOf(where, 'parameter', parameter);
  return resultOf<Parameter>(where, 'parameter', {
    engine: options.engine,
    samples: 1,
    attributes: { size: sizeOf(shape), weightDecay: checkDescentOptions(where, options).weightDecay },
    operands: { parameter: { value: parameter, shape }, gradient: { value: gradient, shape } },
    learningRate: number(where, 'learningRate', options.learningRate, 0),
  });
}

/** Options of {@link sgdMomentumUpdate}. */
export interface SgdMomentumCallOptions extends OpOptions, DescentOptions {
  learningRate: number;
  /** What the last update returned, or a buffer; as the parameter in shape. Default zeros. */
  velocity?: Tensor | undefined;
}

/**
 * `velocity = momentum velocity + gradient`, then `parameter - learningRate (velocity + weightDecay parameter)`; with
 * `nesterov` along `gradient + momentum velocity` instead. All of one shape. Both results are written in place and
 * returned where buffers were given, else new arrays. A rate of 0 leaves both as they are.
 */
export function sgdMomentumUpdate<Parameter extends Tensor, const Options extends SgdMomentumCallOptions>(
  parameter: Parameter,
  gradient: Tensor,
  options: Options,
): { parameter: Result<Parameter> } & StateOf<Options, { velocity: 'float32' }> {
  const where = 'sgdMomentumUpdate';
  checkKnown(where, options, ['learningRate', ...descentOptionNames, 'velocity', 'engine']);
  const shape = shapeOf(where, 'parameter', parameter);
  const { results } = callKernel(where, {
    engine: options.engine,
    samples: 1,
    attributes: { size: sizeOf(shape), ...checkDescentOptions(where, options) },
    operands: {
      parameter: { value: parameter, shape },
      gradient: { value: gradient, shape },
      velocity: { value: options.velocity, shape },
    },
    learningRate: number(where, 'learningRate', options.learningRate, 0),
  });
  return results as ReturnType<typeof sgdMomentumUpdate<Parameter, Options>>;
}
