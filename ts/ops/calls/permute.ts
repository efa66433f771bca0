import { checkKnown } from '../../options.ts';
import { axesOf, type Tensor } from './operand.ts';
import { intoOptions, resultOf, type Into, type MaybeBuffer, type Result } from './result.ts';

/** `[N, height, width, channels]` to `[N, channels, height, width]`. */
export function nhwcToNchw<Out extends MaybeBuffer = undefined>(input: Tensor, options: Into<Out> = {}): Result<Out> {
  checkKnown('nhwcToNchw', options, intoOptions);
  const [samples, height, width, channels] = axesOf('nhwcToNchw', 'input', input, ['N', 'height', 'width', 'channels']);
  return resultOf<Out>('nhwcToNchw', 'output', {
    engine: options.engine,
    samples,
    attributes: { height, width, channels },
    operands: {
      input: { value: input, shape: [samples, height, width, channels] },
      output: { value: options.out, shape: [samples, channels, height, width] },
    },
  });
}

/** `[N, channels, height, width]` to `[N, height, width, channels]`. */
export function nchwToNhwc<Out extends MaybeBuffer = undefined>(input: Tensor, options: Into<Out> = {}): Result<Out> {
  checkKnown('nchwToNhwc', options, intoOptions);
  const [samples, channels, height, width] = axesOf('nchwToNhwc', 'input', input, ['N', 'channels', 'height', 'width']);
  return resultOf<Out>('nchwToNhwc', 'output', {
    engine: options.engine,
    samples,
    attributes: { height, width, channels },
    operands: {
      input: { value: input, shape: [samples, channels, height, width] },
      output: { value: options.out, shape: [samples, height, width, channels] },
    },
  });
}
