import binaryen from 'binaryen';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { WasmName } from '../../ts/engine/platform.ts';

const names: WasmName[] = ['simd', 'relaxed', 'simd_threads', 'relaxed_threads'];
const bytesOf = (name: WasmName): Uint8Array<ArrayBuffer> =>
  readFileSync(new URL(`../../ts/entrypoints/fourlane_${name}.wasm`, import.meta.url));

/** How often each vector instruction stands in a module's code. */
function vectorOpcodes(bytes: Uint8Array): Map<string, number> {
  const module = binaryen.readBinary(bytes);
  const counts = new Map<string, number>();
  for (const [opcode] of module.emitText().matchAll(/(?<=\()(?:v128|[if]\d+x\d+)\.\w+/g)) {
    counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
  }
  module.dispose();
  return counts;
}

const isRelaxed = (opcode: string): boolean => opcode.includes('relaxed');

/** A module of one function. */
function assemble(body: string): Uint8Array {
  const module = binaryen.parseText(`(module (func (export "f") (param v128) (result v128) ${body}))`);
  module.setFeatures(binaryen.Features.All);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

test('the reader of opcodes sees vector instructions and relaxed ones', () => {
  expect(vectorOpcodes(assemble('(local.get 0)')).size).toBe(0);
  const x = '(local.get 0)';
  const relaxed = assemble(`(f32x4.relaxed_madd ${x} ${x} (i8x16.relaxed_swizzle ${x} (f32x4.add ${x} ${x})))`);
  const opcodes = [...vectorOpcodes(relaxed).keys()];
  expect(opcodes.toSorted()).toEqual(['f32x4.add', 'f32x4.relaxed_madd', 'i8x16.relaxed_swizzle']);
  expect(opcodes.filter(isRelaxed)).toHaveLength(2);
});

describe.each(names)('%s', (name) => {
  const bytes = bytesOf(name);
  const threaded = name.endsWith('_threads');

  test('computes in vectors; of what engines may round as they like there is at most multiply-add', () => {
    const opcodes = vectorOpcodes(bytes);
    for (const opcode of ['v128.load', 'v128.load32_splat', 'v128.store', 'f32x4.mul', 'f32x4.add', 'i32x4.eq']) {
      expect(opcodes.get(opcode) ?? 0, opcode).toBeGreaterThan(0);
    }
    const relaxed = [...opcodes.keys()].filter(isRelaxed);
    if (name.startsWith('simd')) expect(relaxed).toEqual([]);
    else expect(relaxed).toContain('f32x4.relaxed_madd');
    expect(relaxed.filter((opcode) => !/^f32x4\.relaxed_n?madd$/.test(opcode))).toEqual([]);
  });

  test('imports nothing but what makes errors and holds references, and the memory that threads share', () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    // wasm-bindgen ends its names in a hash of its version.
    const functions = imports.filter(({ kind }) => kind === 'function');
    const known = functions.map((one) => one.name.replace(/_[0-9a-f]{16}$/, ''));
    expect(known.toSorted()).toEqual(['__wbg_Error', '__wbindgen_init_externref_table']);
    const others = imports.filter(({ kind }) => kind !== 'function');
    expect(others.map((one) => `${one.kind} ${one.name}`)).toEqual(threaded ? ['memory memory'] : []);
  });

  test('its memory is shared where there are threads, and may grow to 4 GiB', () => {
    const module = binaryen.readBinary(bytes);
    const { shared, max } = module.getMemoryInfo();
    module.dispose();
    expect(shared).toBe(threaded);
    expect(max ?? 65_536).toBe(65_536);
  });
});
