import binaryen from 'binaryen';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const plain = readFileSync(new URL('../../ts/entrypoints/fourlane_simd.wasm', import.meta.url));

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

test('the plain build computes in vectors, and with none that engines may round as they like', () => {
  const opcodes = vectorOpcodes(plain);
  for (const opcode of ['v128.load', 'v128.load32_splat', 'v128.store', 'f32x4.mul', 'f32x4.add', 'i32x4.eq']) {
    expect(opcodes.get(opcode) ?? 0, opcode).toBeGreaterThan(0);
  }
  expect([...opcodes.keys()].filter(isRelaxed)).toEqual([]);
});

test('the module imports nothing but what makes errors and holds references', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(plain));
  expect(imports.map(({ kind }) => kind)).toEqual(imports.map(() => 'function'));
  // wasm-bindgen ends its names in a hash of its version.
  const names = imports.map(({ name }) => name.replace(/_[0-9a-f]{16}$/, ''));
  expect(names.toSorted()).toEqual(['__wbg_Error', '__wbindgen_init_externref_table']);
});

test('its memory is its own, unshared, and may grow to 4 GiB', () => {
  const module = binaryen.readBinary(plain);
  const { shared, max } = module.getMemoryInfo();
  module.dispose();
  expect(shared).toBe(false);
  expect(max ?? 65_536).toBe(65_536);
});
