import type { DType, NDArray } from '../../ndarray.ts';
import { callKernel, type KernelCall, type OpOptions } from './call.ts';
import type { ArrayOf, EngineBuffer } from './engineBuffer.ts';

/** Nothing, or the buffer that an operation writes its result into. */
export type MaybeBuffer = EngineBuffer | undefined;

/** Options of an operation with one result. */
export interface Into<Out> extends OpOptions {
  /** Where the result is written, without a copy, and what the call then returns. Default a new array. */
  out?: Out;
}

/** What such an operation returns. */
export type Result<Out> = Out extends EngineBuffer ? Out : NDArray<Float32Array>;

/** What an operation with several results returns: of each the buffer given by that name, else a new array. */
export type Results<Out, Arrays> = {
  [name in keyof Arrays]: Out extends { readonly [given in name]: infer Buffer extends object } ? Buffer : Arrays[name];
};

/** What an update leaves for the next one: of each the buffer given by that name, else a new array. */
export type StateOf<Given, Types extends Record<string, DType>> = {
  [name in keyof Types]: Given extends { readonly [given in name]: infer Buffer extends EngineBuffer<Types[name]> }
    ? Buffer
    : NDArray<ArrayOf<Types[name]>>;
};

/** Options by which every operation with one result is known to take. */
export const intoOptions: readonly string[] = ['engine', 'out'];

/** Runs a kernel for its one result, the operand `key`. */
export function resultOf<Out>(kernel: string, key: string, call: KernelCall): Result<Out> {
  return callKernel(kernel, call).results[key] as Result<Out>;
}
