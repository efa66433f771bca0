import { checkKnown, oneOf } from '../../options.ts';
import { sizeOf } from '../../shape.ts';
import { activationCodes, type Activation } from '../activation.ts';
import { shapeOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';

/** Options of the activations. */
export interface ActivationCallOptions {
  activation: Activation | 'identity';
}

const names = Object.keys(activationCodes) as Activation[];

/** Checks an activation that works element by element; none and `identity` mean `linear`. */
export function checkElementwise(where: string, value: unknown): Activation {
  return value === undefined || value === 'identity' ? 'linear' : oneOf(where, 'activation', value, names);
}

/** `output = f(input)`, element by element, for any shape. `out` may be the buffer of `input`. */
export function activationForward<Out extends MaybeBuffer = undefined>(
  input: Tensor,
  options: ActivationCallOptions & Into<Out>,
): Result<Out> {
  const where = 'activationForward';
  checkKnown(where, options, ['activation', ...intoOptions]);
  const shape = shapeOf(where, 'input', input);
  return resultOf<Out>(where, 'output', {
    engine: options.engine,
    samples: 1,
    attributes: { activation: checkElementwise(where, options.activation), size: sizeOf(shape) },
    operands: { input: { value: input, shape }, output: { value: options.out, shape } },
  });
}

/**
 * `gradInput = gradOutput f'(input)`, with the derivative worked out from the **output** of the forward pass; relu's is
 * 0 where the output is 0. `out` may be the buffer of `gradOutput`.
 */
export function activationBackward<Out extends MaybeBuffer = undefined>(
  output: Tensor,
  gradOutput: Tensor,
  options: ActivationCallOptions & Into<Out>,
): Result<Out> {
  const where = 'activationBackward';
  checkKnown(where, options, ['activation', ...intoOptions]);
  const shape = shapeOf(where, 'output', output);
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples: 1,
    attributes: { activation: checkElementwise(where, options.activation), size: sizeOf(shape) },
    operands: {
      output: { value: output, shape },
      gradOutput: { value: gradOutput, shape },
      gradInput: { value: options.out, shape },
    },
  });
}
