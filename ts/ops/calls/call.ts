import { defaultEngine } from '../../engine/defaultEngine.ts';
import type { Engine } from '../../engine/engine.ts';
import { OptionError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import { sizeOf } from '../../shape.ts';
import { kernelOf } from '../index.ts';
import type { Kernel } from '../kernel.ts';
import { copyElements, elementsAt, EngineBuffer } from './engineBuffer.ts';
import { checkOperand, type Operand } from './operand.ts';

/** What every operation takes beside its own options. */
export interface OpOptions {
  /** Default the engine of the buffers given, else the one made by `init()`. */
  engine?: Engine;
}

/** One call of a kernel, all sizes worked out. */
export interface KernelCall {
  engine: Engine | undefined;
  samples: number;
  attributes: object;
  /** By the kernel's names; an operand that is left out is one the kernel can do without. */
  operands: Readonly<Record<string, Operand | undefined>>;
  learningRate?: number;
}

/** Alignment of the engine's memory, bytes: a cache line. */
const ALIGNMENT = 64;

/** A block of memory, filled from its start. */
class Stack {
  #top = 0;

  /** Offset of so many elements. */
  push(elements: number): number {
    const offset = this.#top;
    this.#top += Math.ceil((elements * 4) / ALIGNMENT) * ALIGNMENT;
    return offset;
  }

  get byteLength(): number {
    return this.#top;
  }
}

/**
 * Runs a kernel of the table on its own. Checks every operand before memory is touched, stages arrays, and gives all
 * memory of its own back. Returns what the kernel returned, and every written or updated operand: the caller's buffer,
 * or a new array.
 */
export function callKernel(name: string, call: KernelCall): { value: number | void; results: Record<string, unknown> } {
  const kernel = kernelOf(name);
  const operands = Object.entries(call.operands).filter((entry): entry is [string, Operand] => entry[1] !== undefined);
  const engine = call.engine ?? engineOf(operands) ?? defaultEngine();
  engine.checkLive();
  for (const [key, operand] of operands) checkOperand(name, key, operand, kernel.operands[key] === 'write', engine);
  checkAliases(name, kernel, operands);

  const handle = engine.run((kernels) => kernel.prepare?.(kernels, call.attributes)) ?? 0;
  const stack = new Stack();
  const staged = operands.filter(([, { value }]) => !(value instanceof EngineBuffer));
  const offsets = new Map(staged.map(([key, { shape }]) => [key, stack.push(sizeOf(shape))]));
  let block = 0;
  try {
    const elements = engine.run((kernels) => kernel.workspace?.(kernels, call.attributes, handle)) ?? 0;
    const workspace = stack.push(elements);
    block = engine.alloc(stack.byteLength);
    const addressOf = (key: string): number => {
      const value = call.operands[key]?.value;
      if (value instanceof EngineBuffer) return value.address;
      return offsets.has(key) ? block + offsets.get(key)! : 0;
    };
    const view = (key: string, { shape, dtype = 'float32' }: Operand): Float32Array | Int32Array =>
      elementsAt(engine, addressOf(key), { shape, dtype });
    for (const [key, operand] of staged) {
      if (operand.value !== undefined) copyElements(operand.value as NDArray, view(key, operand));
    }
    const value = engine.run((kernels) => {
      const { attributes, learningRate = 0 } = call;
      const binding = { kernels, attributes, handle, workspace: block + workspace };
      return kernel.bind({ ...binding, address: addressOf, learningRate: () => learningRate })(call.samples);
    });
    const results = operands
      .filter(([key]) => kernel.operands[key] !== 'read')
      .map(([key, operand]) => {
        if (operand.value instanceof EngineBuffer) return [key, operand.value];
        return [key, { data: view(key, operand).slice(), shape: [...operand.shape] }];
      });
    return { value, results: Object.fromEntries(results) as Record<string, unknown> };
  } finally {
    if (block !== 0) engine.free(block);
    if (engine.state === 'live') engine.run((kernels) => kernel.release?.(kernels, handle));
  }
}

function engineOf(operands: readonly [string, Operand][]): Engine | undefined {
  const buffer = operands.map(([, { value }]) => value).find((value) => value instanceof EngineBuffer);
  return buffer?.engine;
}

/** Throws when a buffer is written and is another operand too, unless the kernel can work on the two in place. */
function checkAliases(where: string, kernel: Kernel, operands: readonly [string, Operand][]): void {
  const buffers = operands.filter(([, { value }]) => value instanceof EngineBuffer);
  for (const [written, { value }] of buffers) {
    if (kernel.operands[written] === 'read') continue;
    for (const [other, { value: otherValue }] of buffers) {
      const inPlace = kernel.inPlace?.includes(written) && kernel.inPlace.includes(other);
      if (other !== written && otherValue === value && !inPlace) {
        throw new OptionError(`${where}: ${written} is written and cannot be the buffer of ${other}`);
      }
    }
  }
}
