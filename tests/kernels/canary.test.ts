import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Bindings } from '../../ts/engine/generated/bindings.js';
import { createBindings } from '../../ts/engine/generated/single.js';
import { calls, type Argument, type Call } from './canaryCalls.ts';

const module = new WebAssembly.Module(
  readFileSync(new URL('../../ts/entrypoints/fourlane_simd.wasm', import.meta.url)),
);

/** Bytes of no operand's value. */
const CANARY = 0xa5;

/** Exports that take no memory, no sizes and no handles, or are the memory's own. */
const notKernels = [
  'initSync',
  'arena_alloc',
  'arena_free',
  'arena_block_count',
  'arena_used_bytes',
  'gemm_workspace',
  'install_panic_hook',
  'is_fused',
  'is_relaxed',
  'panic_message_address',
  'panic_message_length',
  'peak_loop',
  'peak_loop_flops',
  'pool_busy_region',
  'pool_failing_region',
  'pool_limit',
  'pool_poison',
  'pool_serve',
  'pool_start',
  'pool_stop',
  'pool_wake',
  'pool_workers',
  'trap_on_purpose',
];

interface Block {
  address: number;
  byteLength: number;
}

/** One instance and the operands of one call, with blocks of canaries before, between and behind them. */
class Stage {
  readonly kernels: Bindings;
  readonly #memory: WebAssembly.Memory;
  readonly #blocks: Block[] = [];
  /** Bytes of each argument; 0 for what is no operand. */
  readonly byteLengths: number[];
  /** Addresses of the arguments; 0 for what is no operand. */
  readonly addresses: number[];
  /** Where nothing lives any more. */
  readonly freed: number;
  readonly #call: Call;

  /** `skipped` bytes of memory come before what the stage uses; they are never touched. */
  constructor(call: Call, skipped: number) {
    this.#call = call;
    this.kernels = createBindings();
    this.#memory = this.kernels.initSync({ module }).memory;
    if (skipped > 0) this.#memory.grow(skipped / 65536);
    this.#alloc(skipped > 0 ? 1 << 20 : 4096);
    this.byteLengths = call.arguments.map((argument) => {
      if (!('length' in argument)) return 0;
      return 4 * (typeof argument.length === 'number' ? argument.length : argument.length(this.kernels));
    });
    this.addresses = this.byteLengths.map((byteLength) => {
      if (byteLength === 0) return 0;
      const address = this.#alloc(byteLength);
      this.#alloc(256);
      return address;
    });
    this.freed = this.kernels.arena_alloc(64);
    this.kernels.arena_free(this.freed);
    this.reset();
  }

  #alloc(byteLength: number): number {
    const address = this.kernels.arena_alloc(byteLength);
    this.#blocks.push({ address, byteLength });
    return address;
  }

  /** Canaries everywhere but in integers, which are legal positions and labels. */
  reset(): void {
    for (const { address, byteLength } of this.#blocks) this.#bytes(address, byteLength).fill(CANARY);
    this.#call.arguments.forEach((argument, i) => {
      if (argument.kind === 'integers') this.#bytes(this.addresses[i]!, this.byteLengths[i]!).fill(0);
    });
  }

  #bytes(address: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, byteLength);
  }

  /** A copy of all blocks. */
  snapshot(): Buffer {
    return Buffer.concat(this.#blocks.map(({ address, byteLength }) => this.#bytes(address, byteLength)));
  }

  /** A copy of the blocks that are no operands. */
  surroundings(): Buffer {
    const guards = this.#blocks.filter(({ address }) => !this.addresses.includes(address));
    return Buffer.concat(guards.map(({ address, byteLength }) => this.#bytes(address, byteLength)));
  }

  run(args: number[]): unknown {
    return (this.kernels[this.#call.name] as (...args: unknown[]) => unknown)(...args);
  }

  /** Arguments of a call that is right. */
  arguments(): number[] {
    return this.#call.arguments.map((argument, i) => {
      switch (argument.kind) {
        case 'floats':
        case 'integers':
          return this.addresses[i]!;
        case 'handle':
          return argument.create(this.kernels);
        case 'size':
        case 'option':
          return argument.value;
      }
    });
  }
}

const noInteger = [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53 + 2, 1e300];

/** Wrong values for one argument. */
function wrongValues(stage: Stage, argument: Argument, index: number): number[] {
  const address = stage.addresses[index]!;
  switch (argument.kind) {
    case 'floats':
    case 'integers': {
      const outside = [
        address - 4,
        address + 4,
        address + stage.byteLengths[index]!,
        2 ** 31 - 4,
        2 ** 32 - 4,
        4,
        stage.freed,
      ];
      const misaligned = [address + 1, address + 2];
      return [...noInteger, ...outside, ...misaligned, ...(argument.optional === true ? [] : [0])];
    }
    case 'size':
      // Large ones wrap to something small in 32 bits, together with a size or the four bytes of a float.
      return [...noInteger, argument.value + 1, 2 ** 28 + 1, 2 ** 29, 2 ** 30, 2 ** 31, 2 ** 32 - 1];
    case 'handle':
      return [...noInteger, 0, 1e6, argument.destroyed(stage.kernels), argument.ofAnotherKind(stage.kernels)];
    case 'option':
      return [];
  }
}

function expectRefused(stage: Stage, args: number[], what: string): void {
  stage.reset();
  const before = stage.snapshot();
  let error: unknown;
  try {
    stage.run(args);
  } catch (thrown) {
    error = thrown;
  }
  expect(error, `${what} is refused`).toBeInstanceOf(Error);
  expect(error, `${what}: ${String(error)} is no trap`).not.toBeInstanceOf(WebAssembly.RuntimeError);
  expect((error as Error).message, what).toMatch(/\d|NaN|Infinity/);
  expect(stage.snapshot().equals(before), `${what} changes no byte`).toBe(true);
}

test('every exported kernel is among the calls', () => {
  const { kernels } = new Stage(calls[0]!, 0);
  const covered = [...calls.map(({ name }) => name), ...notKernels];
  expect(Object.keys(kernels).filter((name) => !covered.includes(name))).toEqual([]);
  expect(covered.filter((name) => !(name in kernels))).toEqual([]);
});

describe.each([
  ['low memory', 0],
  ['memory above 2 GiB', 2 ** 31],
])('%s', (_, skipped) => {
  test.each(calls)('$name: bad arguments throw and change no byte', (call) => {
    const stage = new Stage(call, skipped);
    if (skipped > 0) expect(stage.addresses.every((address) => address === 0 || address > skipped)).toBe(true);

    const surroundings = stage.surroundings();
    stage.run(stage.arguments());
    expect(stage.surroundings().equals(surroundings), 'a right call stays within its operands').toBe(true);

    call.arguments.forEach((argument, i) => {
      for (const wrong of wrongValues(stage, argument, i)) {
        const args = stage.arguments();
        args[i] = wrong;
        expectRefused(stage, args, `argument ${i}, ${argument.kind}, = ${wrong}`);
      }
    });
    stage.run(stage.arguments());
  });

  test.each(calls)('$name: what is written overlaps no other operand', (call) => {
    const stage = new Stage(call, skipped);
    call.arguments.forEach((written, i) => {
      if (!('written' in written) || written.written !== true) return;
      call.arguments.forEach((other, j) => {
        if (i === j || !('length' in other)) return;
        const inPlace = call.inPlace ?? [-1, -1];
        if (inPlace[0] === j && inPlace[1] === i) return;
        const args = stage.arguments();
        // The longer of the two is where both are put, so that both are inside one allocation.
        const at = stage.byteLengths[i]! > stage.byteLengths[j]! ? args[i]! : args[j]!;
        [args[i], args[j]] = [at, at];
        expectRefused(stage, args, `argument ${i} on argument ${j}`);
      });
    });
  });
});

test('numbers that are no addresses and no lengths are refused by alloc and free', () => {
  const kernels = createBindings();
  kernels.initSync({ module });
  const address = kernels.arena_alloc(64);
  const before = [kernels.arena_used_bytes(), kernels.arena_block_count()];
  for (const wrong of [...noInteger, 2 ** 31, 2 ** 32 - 1]) {
    expect(() => kernels.arena_alloc(wrong), `alloc ${wrong}`).toThrow(/byteLength|alloc/);
  }
  for (const wrong of [...noInteger, 0, address + 4, address - 64]) {
    expect(() => kernels.arena_free(wrong), `free ${wrong}`).toThrow(/address/);
  }
  expect([kernels.arena_used_bytes(), kernels.arena_block_count()]).toEqual(before);
  kernels.arena_free(address);
  expect(() => kernels.arena_free(address)).toThrow(`free: no allocation starts at address ${address}`);
});

test.each(['conv2d_create', 'max_pool2d_create', 'dense_workspace'] as const)(
  '%s: wrong sizes make no shape',
  (name) => {
    const stage = new Stage(
      calls.find((call) => call.name === name)!,
      0,
    );
    const right = stage.arguments();
    // The last argument of the first two is a code or a flag.
    const sizes = name === 'dense_workspace' ? right.length : right.length - 1;
    for (let i = 0; i < sizes; i++) {
      // A size of 0 has no shape; a padding of 0 has.
      const zero = right[i] === 0 || name === 'dense_workspace' ? [] : [0];
      // A stride has no upper bound where it leaves one window.
      const tooLarge = name === 'conv2d_create' && (i === 6 || i === 7) ? [] : [2 ** 32 - 1];
      for (const wrong of [...noInteger, ...zero, ...tooLarge]) {
        expectRefused(stage, right.with(i, wrong), `argument ${i} = ${wrong}`);
      }
    }
    stage.run(right);
  },
);

test('sizes that wrap in 32 bits make no shape', () => {
  const kernels = createBindings();
  kernels.initSync({ module });
  // The padded image has 2^54 cells, its output 2 x 2.
  const pad = 2 ** 26;
  const create = (): number => kernels.conv2d_create(1, 1, 1, 1, 1, 1, pad, pad, pad, pad - 1, pad, pad - 1, 0);
  expect(create).toThrow(/elements/);
  // Planes and panels of Winograd's algorithm have 1728 cells for each of these channels: 2^32 and a few.
  expect(() => kernels.conv2d_create(2, 2, 2_485_520, 2, 2, 16, 1, 1, 0, 0, 0, 0, 0)).toThrow(/elements/);
  expect(() => kernels.max_pool2d_create(5, 5, 1, 2 ** 32 - 1, 2, 2, 2, 2 ** 32 - 2, 0, 3, 2, 0)).toThrow(/sizes/);
});
