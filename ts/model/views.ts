import { StateError } from '../errors.ts';
import type { Session } from '../train/session.ts';

/** Where one weight lies in the flat arrays of {@link ModelViews}; in elements. */
export interface ViewRange {
  layer: string;
  weight: string;
  offset: number;
  length: number;
}

/**
 * Typed arrays over a model's own memory, lent for the time of a callback. On an engine with several threads that memory
 * is a SharedArrayBuffer: functions of the platform that refuse one (`TextDecoder`, `Blob`, `crypto.getRandomValues`,
 * most of `fetch`) want a copy, `view.slice()`.
 */
export interface ModelViews {
  /** All parameters, with gaps for alignment, in the order in which the kernels keep them. */
  parameters: Float32Array;
  /** Their gradients as `computeGradients` left them, at the same offsets. */
  gradients: Float32Array;
  /** Where each weight lies in both. Inside a range the order is the kernel's own: use `getWeights()` for shapes. */
  ranges: readonly ViewRange[];
  /** The staged inputs `[batchSize, ...inputShape]`, when `views` was given a `batchSize`. */
  x: Float32Array | undefined;
  /** The staged targets; `Int32Array` for class labels. */
  y: Float32Array | Int32Array | undefined;
}

/**
 * Calls `use` with the views, with a staged batch where a size is given. Throws a StateError when it returns a promise:
 * views must not outlive the call.
 */
export function lendViews<T>(session: Session, batchSize: number | undefined, use: (views: ModelViews) => T): T {
  // First, as these may grow the memory, which would detach views made before.
  session.provideFlatGradients();
  const batch = batchSize === undefined ? { x: undefined, y: undefined } : stagedViews(session, batchSize);
  const { parameters } = session;
  const placed = parameters.weights.filter((weight) => weight.value.block === 'parameters');
  const result = use({
    parameters: parameters.blockView('parameters'),
    gradients: parameters.blockView('gradients'),
    ranges: placed.map(({ layer, spec, value }) => ({
      layer,
      weight: spec.name,
      offset: value.byteOffset / 4,
      length: value.byteLength / 4,
    })),
    ...batch,
  });
  if (typeof result === 'object' && result !== null && 'then' in result) {
    throw new StateError('views: the callback must not be async; views end with the call');
  }
  return result;
}

function stagedViews(session: Session, batchSize: number): Pick<ModelViews, 'x' | 'y'> {
  const bound = session.stage(batchSize);
  const { inputs, target, buffers } = bound.plan;
  const labels = buffers[target!]!.dtype === 'int32';
  return {
    x: bound.f32(inputs[0]!, batchSize),
    y: labels ? bound.i32(target!, batchSize) : bound.f32(target!, batchSize),
  };
}
