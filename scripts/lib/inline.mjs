// The single-threaded `.wasm` files as text, for the entry that has them inside: ts/engine/generated/inlined.js.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { inRoot } from './paths.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const builds = ['simd', 'relaxed'];
const output = inRoot('ts', 'engine', 'generated', 'inlined.js');

/** Writes it when it is not up to date; true when there was something to do. */
export function inlineWasm() {
  const hash = hashOf([...builds.map((name) => `ts/entrypoints/fourlane_${name}.wasm`), 'scripts/lib/inline.mjs']);
  if (isCurrent('inline', hash) && existsSync(output)) return false;
  const packed = builds.map((name) => {
    const bytes = readFileSync(inRoot('ts', 'entrypoints', `fourlane_${name}.wasm`));
    return `export const ${name} =\n  '${gzipSync(bytes, { level: 9 }).toString('base64')}';\n`;
  });
  writeFileSync(output, `/* Made by scripts/build.mjs: base64 of gzip of the .wasm files. */\n${packed.join('')}`);
  const types = builds.map((name) => `export declare const ${name}: string;\n`);
  writeFileSync(output.replace(/\.js$/, '.d.ts'), types.join(''));
  record('inline', hash);
  return true;
}
