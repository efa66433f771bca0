import { ShapeError } from '../../errors.ts';
import { checkKnown } from '../../options.ts';
import { printShape, sizeOf, type Shape } from '../../shape.ts';
import { shapeOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';

/** Shape of `value`, and its last axis as the columns of a table. */
function rowsOf(where: string, name: string, value: Tensor): { shape: Shape; rows: number; columns: number } {
  const shape = shapeOf(where, name, value);
  const columns = shape.at(-1) ?? 0;
  if (columns === 0) {
    throw new ShapeError(`${where}: ${name}: expected a last axis of at least 1, got ${printShape(shape)}`);
  }
  return { shape, rows: sizeOf(shape) / columns, columns };
}

/** Softmax along the last axis: `output = exp(input - max) / sum exp(input - max)`. */
export function softmaxForward<Out extends MaybeBuffer = undefined>(
  input: Tensor,
  options: Into<Out> = {},
): Result<Out> {
  const where = 'softmaxForward';
  checkKnown(where, options, intoOptions);
  const { shape, rows, columns } = rowsOf(where, 'input', input);
  return resultOf<Out>(where, 'output', {
    engine: options.engine,
    samples: 1,
    attributes: { rows, columns },
    operands: { input: { value: input, shape }, output: { value: options.out, shape } },
  });
}

/** `gradInput = output (gradOutput - sum gradOutput output)` along the last axis, `output` being that of the forward pass. */
export function softmaxBackward<Out extends MaybeBuffer = undefined>(
  output: Tensor,
  gradOutput: Tensor,
  options: Into<Out> = {},
): Result<Out> {
  const where = 'softmaxBackward';
  checkKnown(where, options, intoOptions);
  const { shape, rows, columns } = rowsOf(where, 'output', output);
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples: 1,
    attributes: { rows, columns },
    operands: {
      output: { value: output, shape },
      gradOutput: { value: gradOutput, shape },
      gradInput: { value: options.out, shape },
    },
  });
}
