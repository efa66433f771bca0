import { OptionError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import { boolean, checkKnown } from '../../options.ts';
import type { Shape } from '../../shape.ts';
import { callKernel, type KernelCall, type OpOptions } from './call.ts';
import type { EngineBuffer } from './engineBuffer.ts';
import type { Results } from './result.ts';

/** Where gradients of a weight and its bias are written. */
export interface GradientBuffers {
  readonly gradWeight?: EngineBuffer;
  readonly gradBias?: EngineBuffer;
}

/** Options of the operations that compute them. */
export interface WeightGradientOptions<Out> extends OpOptions {
  /** Default new arrays. */
  out?: Out;
  /** Add to what both buffers of `out` hold. Default `false`: overwrite it. */
  accumulate?: boolean;
}

/** The gradients: buffers where given, else new arrays. */
export type WeightGradients<Out> = Results<Out, { gradWeight: NDArray<Float32Array>; gradBias: NDArray<Float32Array> }>;

export const weightGradientOptions: readonly string[] = ['engine', 'out', 'accumulate'];

/** Runs a kernel with the operands `gradWeight` and `gradBias`, the bias being as long as the weight's last axis. */
export function weightGradients<Out extends GradientBuffers>(
  where: string,
  { engine, out, accumulate = false }: WeightGradientOptions<Out>,
  call: Pick<KernelCall, 'samples' | 'attributes' | 'operands'> & { weightShape: Shape },
): WeightGradients<Out> {
  const { gradWeight, gradBias }: GradientBuffers = out ?? {};
  checkKnown(`${where}: out`, out ?? {}, ['gradWeight', 'gradBias']);
  if (boolean(where, 'accumulate', accumulate) && (gradWeight === undefined || gradBias === undefined)) {
    throw new OptionError(`${where}: accumulate needs both buffers: out: { gradWeight, gradBias }`);
  }
  const { results } = callKernel(where, {
    engine,
    samples: call.samples,
    attributes: { ...call.attributes, accumulate },
    operands: {
      ...call.operands,
      gradWeight: { value: gradWeight, shape: call.weightShape },
      gradBias: { value: gradBias, shape: call.weightShape.slice(-1) },
    },
  });
  return results as WeightGradients<Out>;
}
