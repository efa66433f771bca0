import type { DType } from '../ndarray.ts';
import type { Shape } from '../shape.ts';

export type { DType };

/**
 * Where a buffer lives. `parameters` and `gradients` are flat and share one order, and where gradients are asked for
 * all offsets; `state` holds non-trainable
 * values, `optimizer` what an optimizer keeps from step to step, `work` everything that lives within one step.
 */
export type BlockName = 'parameters' | 'gradients' | 'state' | 'optimizer' | 'work';

/** A piece of a block. Offsets and lengths are bytes, at the plan's largest batch. */
export interface PlanBuffer {
  name: string;
  block: BlockName;
  dtype: DType;
  /** Of one sample where `perSample`, else whole. */
  shape: Shape;
  perSample: boolean;
  byteOffset: number;
  byteLength: number;
}

/** One kernel call, as plain data. Operands are indices into the plan's buffers. */
export interface Step {
  kernel: string;
  layer: string;
  operands: Readonly<Record<string, number>>;
  attributes: Readonly<Record<string, unknown>>;
}

/**
 * A model compiled for batches of up to `maxBatch` samples: flat lists of steps with all offsets, plain data that can
 * be printed, tested without wasm and sent to a worker. The number of samples is given when it runs.
 */
export interface Plan {
  maxBatch: number;
  buffers: readonly PlanBuffer[];
  forward: readonly Step[];
  /** Writes the per-sample losses and returns their sum. */
  loss: Step | undefined;
  backward: readonly Step[];
  update: readonly Step[];
  /** Buffers of the model's inputs, outputs (the loss's prediction where there is a loss) and targets. */
  inputs: readonly number[];
  outputs: readonly number[];
  target: number | undefined;
  sampleLoss: number | undefined;
  /** Buffer of the gradient for each input, where asked for. */
  inputGradients: readonly (number | undefined)[];
  blockBytes: Readonly<Record<BlockName, number>>;
  /** Largest sum of work buffers that live at one time; `blockBytes.work` is what the layout needs for them. */
  liveBytes: number;
}

/** The steps of all phases, in order. */
export function allSteps({ forward, loss, backward, update }: Plan): Step[] {
  return [...forward, ...(loss === undefined ? [] : [loss]), ...backward, ...update];
}

/** Makes a step; absent operands are left out. */
export function step(
  kernel: string,
  layer: string,
  operands: Record<string, number | undefined>,
  attributes: Record<string, unknown> = {},
): Step {
  const present = Object.entries(operands).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { kernel, layer, operands: Object.fromEntries(present), attributes };
}
