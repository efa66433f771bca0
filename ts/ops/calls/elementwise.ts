import { checkKnown } from '../../options.ts';
import { sizeOf } from '../../shape.ts';
import { shapeOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';
import type { OpOptions } from './call.ts';

/** `output = a + b`, both of one shape. */
export function add<Out extends MaybeBuffer = undefined>(a: Tensor, b: Tensor, options: Into<Out> = {}): Result<Out> {
  checkKnown('add', options, intoOptions);
  const shape = shapeOf('add', 'a', a);
  return resultOf<Out>('add', 'output', {
    engine: options.engine,
    samples: 1,
    attributes: { size: sizeOf(shape) },
    operands: { a: { value: a, shape }, b: { value: b, shape }, output: { value: options.out, shape } },
  });
}

/** `target + source`, both of one shape: written into `target` and returned where that is a buffer, else a new array. */
export function addInto<Target extends Tensor>(
  source: Tensor,
  target: Target,
  options: OpOptions = {},
): Result<Target> {
  checkKnown('addInto', options, ['engine']);
  const shape = shapeOf('addInto', 'source', source);
  return resultOf<Target>('addInto', 'target', {
    engine: options.engine,
    samples: 1,
    attributes: { size: sizeOf(shape) },
    operands: { source: { value: source, shape }, target: { value: target, shape } },
  });
}
