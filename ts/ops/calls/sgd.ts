import { checkKnown, number } from '../../model/options.ts';
import { sizeOf } from '../../shape.ts';
import type { OpOptions } from './call.ts';
import { shapeOf, type Tensor } from './operand.ts';
import { resultOf, type Result } from './result.ts';

/**
 * `parameter - learningRate gradient`, both of one shape: written into `parameter` and returned where that is a buffer,
 * else a new array. A rate of 0 leaves it as it is, bit for bit.
 */
export function sgdUpdate<Parameter extends Tensor>(
  parameter: Parameter,
  gradient: Tensor,
  options: OpOptions & { learningRate: number },
): Result<Parameter> {
  const where = 'sgdUpdate';
  checkKnown(where, options, ['learningRate', 'engine']);
  const shape = shapeOf(where, 'parameter', parameter);
  return resultOf<Parameter>(where, 'parameter', {
    engine: options.engine,
    samples: 1,
    attributes: { size: sizeOf(shape) },
    operands: { parameter: { value: parameter, shape }, gradient: { value: gradient, shape } },
    learningRate: number(where, 'learningRate', options.learningRate, 0),
  });
}
