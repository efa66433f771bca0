import { checkKnown, integer } from '../../options.ts';
import { axesOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';

const sumAxes = ['N', 'height', 'width', 'one channel'] as const;

/**
 * `output[n,y,x,0] = sum_c input[n,y,x,c]`: `[N, height, width, channels]` to `[N, height, width, 1]`. A convolution
 * that uses one kernel plane for all input channels is this, then a convolution of one channel.
 */
export function channelSumForward<Out extends MaybeBuffer = undefined>(
  input: Tensor,
  options: Into<Out> = {},
): Result<Out> {
  const where = 'channelSumForward';
  checkKnown(where, options, intoOptions);
  const [samples, height, width, channels] = axesOf(where, 'input', input, ['N', 'height', 'width', 'channels']);
  return resultOf<Out>(where, 'output', {
    engine: options.engine,
    samples,
    attributes: { plane: height * width, channels },
    operands: {
      input: { value: input, shape: [samples, height, width, channels] },
      output: { value: options.out, shape: [samples, height, width, 1] },
    },
  });
}

/**
 * Gradient of the input of {@link channelSumForward}, `[N, height, width, channels]`, from that of its output
 * `[N, height, width, 1]`: the same number for every channel.
 */
export function channelSumBackward<Out extends MaybeBuffer = undefined>(
  gradOutput: Tensor,
  options: Into<Out> & { channels: number },
): Result<Out> {
  const where = 'channelSumBackward';
  checkKnown(where, options, ['channels', ...intoOptions]);
  const channels = integer(where, 'channels', options.channels);
  const [samples, height, width] = axesOf(where, 'gradOutput', gradOutput, sumAxes);
  return resultOf<Out>(where, 'gradInput', {
    engine: options.engine,
    samples,
    attributes: { plane: height * width, channels },
    operands: {
      gradOutput: { value: gradOutput, shape: [samples, height, width, 1] },
      gradInput: { value: options.out, shape: [samples, height, width, channels] },
    },
  });
}
