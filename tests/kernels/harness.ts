import { readFileSync } from 'node:fs';
import { createEngine } from '../../ts/entrypoints/node.ts';
import type { Engine } from '../../ts/engine/engine.ts';
import type { Bindings } from '../../ts/engine/generated/bindings.js';
import { kernelOf } from '../../ts/ops/index.ts';
import { expectSameBits } from '../support/compare.ts';
import { Numbers } from '../support/numbers.ts';
import type { Conv2dCase } from './reference/conv2d.ts';
import type { DenseCase } from './reference/dense.ts';
import type { GemmCase } from './reference/gemm.ts';
import type { MaxPool2dCase } from './reference/maxPool2d.ts';

interface KernelCases {
  gemm: GemmCase[];
  dense: DenseCase[];
  conv2d: Conv2dCase[];
  maxPool2d: MaxPool2dCase[];
}

/** What kernels work on. */
export type Values = Float32Array | Int32Array;

/** Sizes that the native tests of the kernels run too. */
export const cases = JSON.parse(
  readFileSync(new URL('../fixtures/kernelCases.json', import.meta.url), 'utf8'),
) as KernelCases;

/** Reproducible values in (-1, 1) that use all bits of a float32. */
export function values(seed: number, length: number): Float32Array {
  const numbers = new Numbers(seed);
  return Float32Array.from({ length }, () => (numbers.next() * 4096 + numbers.next()) / 4097);
}

/** Memory for an output, with what a kernel may not read and must overwrite. */
export function unwritten(length: number): Float32Array {
  return new Float32Array(length).fill(NaN);
}

/** As {@link unwritten}, for positions. */
export function unwrittenPositions(length: number): Int32Array {
  return new Int32Array(length).fill(-7);
}

/** One call of a kernel. */
interface Call {
  attributes: unknown;
  /** Default 1. */
  samples?: number;
  /** By name. What the kernel writes is replaced by what it wrote. The same array under two names is one buffer. */
  operands: Record<string, Values>;
  learningRate?: number;
  /** Makes the shape, in place of the kernel's own `prepare`. */
  prepare?: (kernels: Bindings) => number;
}

/** Runs kernels of the built `.wasm`, as plans do, each call in memory of its own. */
export class Harness {
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  static async create(): Promise<Harness> {
    return new Harness(await createEngine());
  }

  /** Runs a kernel on a workspace full of NaN; what it returns. Fails when it changes an operand that it only reads. */
  run(name: string, { attributes, samples = 1, operands, learningRate = 0, prepare }: Call): number | void {
    const kernel = kernelOf(name);
    const engine = this.engine;
    const addresses = new Map<Values, number>();
    for (const array of Object.values(operands)) {
      if (!addresses.has(array)) addresses.set(array, this.#put(array));
    }
    const handle = engine.run((kernels) => prepare?.(kernels) ?? kernel.prepare?.(kernels, attributes) ?? 0);
    const scratch = engine.run((kernels) => kernel.workspace?.(kernels, attributes, handle)) ?? 0;
    const workspace = this.#put(unwritten(scratch));
    const address = (operand: string): number => addresses.get(operands[operand]!) ?? 0;
    try {
      return engine.run((kernels) =>
        kernel.bind({ kernels, address, attributes, handle, workspace, learningRate: () => learningRate })(samples),
      );
    } finally {
      if (handle !== 0) engine.run((kernels) => kernel.release!(kernels, handle));
      engine.free(workspace);
      const written = new Set(Object.keys(operands).filter((operand) => kernel.operands[operand] !== 'read'));
      const isWritten = (array: Values): boolean => [...written].some((operand) => operands[operand] === array);
      for (const [array, start] of addresses) {
        const now = view(engine, array, start);
        if (isWritten(array)) array.set(now);
        else expectSameBits(`${name}: an operand that is only read`, now, array);
        engine.free(start);
      }
    }
  }

  #put(array: Values): number {
    const address = this.engine.alloc(array.byteLength);
    view(this.engine, array, address).set(array);
    return address;
  }
}

/** The memory at `address`, in the type and length of `like`. */
function view(engine: Engine, like: Values, address: number): Values {
  const { buffer } = engine;
  return like instanceof Float32Array
    ? new Float32Array(buffer, address, like.length)
    : new Int32Array(buffer, address, like.length);
}
