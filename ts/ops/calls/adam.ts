import { DataError } from '../../errors.ts';
import { checkKnown, number } from '../../options.ts';
import { sizeOf } from '../../shape.ts';
import { adamOptionNames, checkAdamOptions, type AdamMomentOptions } from '../updateOptions.ts';
import { callKernel, type OpOptions } from './call.ts';
import { elementsOf, shapeOf, type Tensor } from './operand.ts';
import type { Result, StateOf } from './result.ts';

/** Options of {@link adamUpdate}. */
export interface AdamCallOptions extends OpOptions, AdamMomentOptions {
  learningRate: number;
  /** Decoupled: `learningRate * weightDecay` of the parameter goes off beside the step. Default 0. */
  weightDecay?: number;
  /** What the last update returned, or a buffer; as the parameter in shape. Default zeros. */
  firstMoment?: Tensor | undefined;
  /** As `firstMoment`. */
  secondMoment?: Tensor | undefined;
  /** Number of updates before this one, `int32 [1]`: what the last update returned, or a buffer. Default 0. */
  steps?: Tensor<'int32'> | undefined;
}

/**
 * One step of Adam; of AdamW, given a `weightDecay`. See the optimizers for the formula. Returns the new parameter and
 * what the next step needs, `{ parameter, firstMoment, secondMoment, steps }`: written in place where buffers were
 * given, else new arrays. A rate of 0 leaves all of them as they are. Throws a DataError for a negative number of steps.
 */
export function adamUpdate<Parameter extends Tensor, const Options extends AdamCallOptions>(
  parameter: Parameter,
  gradient: Tensor,
  options: Options,
): { parameter: Result<Parameter> } & StateOf<
  Options,
  { firstMoment: 'float32'; secondMoment: 'float32'; steps: 'int32' }
> {
  const where = 'adamUpdate';
  checkKnown(where, options, ['learningRate', ...adamOptionNames, 'firstMoment', 'secondMoment', 'steps', 'engine']);
  const { engine, learningRate, weightDecay = 0, firstMoment, secondMoment, steps } = options;
  const shape = shapeOf(where, 'parameter', parameter);
  const count = steps === undefined ? 0 : elementsOf(where, 'steps', steps)[0]!;
  if (count < 0) throw new DataError(`${where}: steps must be >= 0, got ${count}`);
  const { results } = callKernel(where, {
    engine,
    samples: 1,
    attributes: { size: sizeOf(shape), ...checkAdamOptions(where, options, weightDecay) },
    operands: {
      parameter: { value: parameter, shape },
      gradient: { value: gradient, shape },
      firstMoment: { value: firstMoment, shape },
      secondMoment: { value: secondMoment, shape },
      steps: { value: steps, shape: [1], dtype: 'int32' },
    },
    learningRate: number(where, 'learningRate', learningRate, 0),
  });
  return results as ReturnType<typeof adamUpdate<Parameter, Options>>;
}
