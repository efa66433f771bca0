import type { Bindings } from '../engine/generated/bindings.js';

/** What one step gives a kernel when it is bound to memory. */
export interface KernelBinding<Attributes> {
  kernels: Bindings;
  /** Byte address of an operand; 0 when the step has none of that name. */
  address: (operand: string) => number;
  attributes: Attributes;
  /** What `prepare` returned. */
  handle: number;
  /** Address of the scratch memory that `workspace` asked for. */
  workspace: number;
  /** Rate of the step's layer, read at every run, so that schedules work. */
  learningRate: () => number;
}

/**
 * How a step becomes a call into wasm. `bind` runs once per plan and memory, and returns a function of the number of
 * samples that makes no garbage.
 */
export interface Kernel<Attributes = unknown> {
  /** How each operand is used, for checks, printing and calls without a plan. */
  operands: Readonly<Record<string, 'read' | 'write' | 'update'>>;
  /** A read and a written operand that may be the same memory. */
  inPlace?: readonly [string, string];
  /** Makes a shape on the wasm side; its handle. */
  prepare?(kernels: Bindings, attributes: Attributes): number;
  /** Forgets that shape. */
  release?(kernels: Bindings, handle: number): void;
  /** Elements of scratch memory. */
  workspace?(kernels: Bindings, attributes: Attributes, handle: number): number;
  /** Where a shape decides among several ways: the pass and the chosen one, e.g. `backward input direct`. */
  algorithm?(kernels: Bindings, handle: number): string;
  bind(binding: KernelBinding<Attributes>): (samples: number) => number | void;
}

/** Kernels by name, as plan steps call them. */
export type KernelTable = Readonly<Record<string, Kernel<never>>>;
