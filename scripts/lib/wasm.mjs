// The crate as WebAssembly: ts/entrypoints/fourlane_<build>.wasm with glue and types in ts/engine/generated/.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, projectEnvironment } from './paths.mjs';
import { Problem, run } from './shell.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const SIMD = ['+simd128', '+bulk-memory', '+mutable-globals', '+nontrapping-fptoint', '+sign-ext'];

/** The builds, from the same sources. An environment's RUSTFLAGS would replace these, not add to them. */
const builds = {
  /** Plain SIMD128: the same bits on every engine. */
  simd: { targetFeatures: SIMD },
};

const generated = inRoot('ts', 'engine', 'generated');

/** Builds what is not up to date; true when there was something to do. */
export function buildWasm() {
  const sources = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'crate/Cargo.toml', 'crate/src'];
  const hash = hashOf([...sources, 'package-lock.json', 'scripts/lib/wasm.mjs']);
  const stale = Object.keys(builds).filter((name) => !isCurrent(`wasm-${name}`, hash) || !existsSync(wasmFile(name)));
  for (const name of stale) {
    console.log(`build: wasm, ${name}`);
    buildOne(name, builds[name]);
    record(`wasm-${name}`, hash);
  }
  return stale.length > 0;
}

const wasmFile = (name) => inRoot('ts', 'entrypoints', `fourlane_${name}.wasm`);

function buildOne(name, { targetFeatures }) {
  const folder = mkdtempSync(join(tmpdir(), 'fourlane-wasm-'));
  try {
    const env = {
      ...projectEnvironment(),
      RUSTFLAGS: `-C target-feature=${targetFeatures.join(',')}`,
      CARGO_TARGET_DIR: inRoot('target', `wasm-${name}`),
    };
    const flags = ['--release', '--mode', 'no-install', '--no-pack', '--out-name', 'fourlane', '--out-dir', folder];
    run('wasm-pack', ['--log-level', 'warn', 'build', 'crate', '--target', 'no-modules', ...flags], { env });
    // The types of the `web` target describe the same functions and, unlike those of `no-modules`, are a module.
    const built = inRoot('target', `wasm-${name}`, 'wasm32-unknown-unknown', 'release', 'fourlane_core.wasm');
    run('wasm-bindgen', ['--target', 'web', '--out-name', 'web', '--out-dir', folder, built], { env });
    mkdirSync(generated, { recursive: true });
    writeFileSync(
      join(generated, `fourlane_${name}.js`),
      factoryFrom(readFileSync(join(folder, 'fourlane.js'), 'utf8')),
    );
    writeFileSync(join(generated, `fourlane_${name}.d.ts`), typesFrom(readFileSync(join(folder, 'web.d.ts'), 'utf8')));
    copyFileSync(join(folder, 'fourlane_bg.wasm'), wasmFile(name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The `no-modules` glue as a factory of independent instances. The other targets keep instance and memory in module
 * variables, so there could be only one engine.
 */
function factoryFrom(glue) {
  const start = 'let wasm_bindgen = (function(exports) {';
  const end = '})({ __proto__: null });';
  const body = glue.trim();
  if (!body.startsWith(start) || !body.endsWith(end)) {
    throw new Problem(
      `build: the glue of wasm-bindgen does not start with \`${start}\` and end with \`${end}\` any more`,
    );
  }
  const inner = body.slice(start.length, -end.length);
  return `/* Made by scripts/build.mjs from the output of wasm-bindgen. */\nexport function createBindings() {\n    const exports = { __proto__: null };${inner}}\n`;
}

/** Types of what the factory returns: every exported function of the `web` types. */
function typesFrom(web) {
  const names = [...web.matchAll(/^export function (\w+)\(/gm)].map(([, name]) => name);
  const own = web.replace(/^export default function [^;]+;/m, '').replace(/^\/\*\*[^/]*\*\/\s*$/gm, '');
  const members = names.map((name) => `    ${name}: typeof ${name};`).join('\n');
  return `${own.trim()}\n\nexport interface Bindings {\n${members}\n}\n\nexport function createBindings(): Bindings;\n`;
}
