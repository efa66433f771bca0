import { StateError } from '../errors.ts';
import type { BoundPlan } from '../plan/execute.ts';
import type { Parameters } from './parameters.ts';

/** Where one weight lies in the flat arrays of {@link ModelViews}; in elements. */
export interface ViewRange {
  layer: string;
  weight: string;
  offset: number;
  length: number;
}

/** Typed arrays over a model's own memory, lent for the time of a callback. */
export interface ModelViews {
  /** All parameters, with gaps for alignment, in the order in which the kernels keep them. */
  parameters: Float32Array;
  /** Their gradients, at the same offsets. */
  gradients: Float32Array;
  /** Where each weight lies in both. Inside a range the order is the kernel's own: use `getWeights()` for shapes. */
  ranges: readonly ViewRange[];
  /** The staged inputs, when `views` was given a `batchSize`; fill them and call `trainOnStagedBatch`. */
  x: Float32Array | undefined;
  /** The staged targets; `Int32Array` for class labels. */
  y: Float32Array | Int32Array | undefined;
}

/** Calls `use` with the views, and throws a StateError when it returns a promise: they must not outlive the call. */
export function lendViews<T>(parameters: Parameters, bound: BoundPlan | undefined, use: (views: ModelViews) => T): T {
  const placed = parameters.weights.filter((weight) => weight.value.block === 'parameters');
  const target = bound?.plan.target;
  const maxBatch = bound?.plan.maxBatch ?? 0;
  const views: ModelViews = {
    parameters: parameters.blockView('parameters'),
    gradients: parameters.blockView('gradients'),
    ranges: placed.map(({ layer, spec, value }) => ({
      layer,
      weight: spec.name,
      offset: value.byteOffset / 4,
      length: value.byteLength / 4,
    })),
    x: bound?.f32(bound.plan.inputs[0]!, maxBatch),
    y:
      target === undefined
        ? undefined
        : bound!.plan.buffers[target]!.dtype === 'int32'
          ? bound!.i32(target, maxBatch)
          : bound!.f32(target, maxBatch),
  };
  const result = use(views);
  if (result instanceof Promise) throw new StateError('views: the callback must not be async; views end with the call');
  return result;
}
