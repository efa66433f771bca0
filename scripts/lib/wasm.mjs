// The crate as WebAssembly: ts/entrypoints/fourlane_<build>.wasm with glue and types in ts/engine/generated/. Of `simd` also
// the glue for bundlers beside it, which imports the `.wasm` as a module.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, projectEnvironment } from './paths.mjs';
import { Problem, run } from './shell.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const FEATURES = ['+simd128', '+bulk-memory', '+mutable-globals', '+nontrapping-fptoint', '+sign-ext'];

/** A standard library with atomics, a shared memory from outside, and what the glue needs to give each thread a stack. */
const THREADS = {
  features: ['+atomics'],
  // The engine makes the memory: with this many bytes at first (see threads.ts), and a maximum up to the declared 4 GiB.
  linkArgs: ['shared-memory', 'import-memory', 'initial-memory=2097152', 'max-memory=4294967296'].concat(
    ['__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base'].map((symbol) => `export=${symbol}`),
  ),
  cargoFlags: ['-Z', 'build-std=std,panic_abort'],
};

/** Of the crate alone, so that all else is compiled once for both. */
const RELAXED = {
  cargoFlags: ['-Z', 'profile-rustflags', '--config', rustFlagsOfCrate('-C', 'target-feature=+relaxed-simd')],
};

/** The builds, from the same sources: `simd` is the same bits on every engine, `relaxed` has multiply-add. */
const builds = {
  simd: [],
  relaxed: [RELAXED],
  simd_threads: [THREADS],
  relaxed_threads: [THREADS, RELAXED],
};

function rustFlagsOfCrate(...flags) {
  return `profile.release.package.fourlane-core.rustflags=${JSON.stringify(flags)}`;
}

const generated = inRoot('ts', 'engine', 'generated');
const target = inRoot('target', 'wasm');

/**
 * Builds what is not up to date; true when there was something to do. `FOURLANE_BUILDS=simd,relaxed` in the environment
 * leaves the others as they are, for a quick look at a change.
 */
export function buildWasm() {
  const sources = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'crate/Cargo.toml', 'crate/src'];
  const hash = hashOf([...sources, 'package-lock.json', 'scripts/lib/wasm.mjs']);
  const wanted = process.env.FOURLANE_BUILDS?.split(',') ?? Object.keys(builds);
  const stale = wanted.filter((name) => !isCurrent(`wasm-${name}`, hash) || !existsSync(wasmFile(name)));
  const written = new Map();
  for (const name of stale) {
    console.log(`build: wasm, ${name}`);
    for (const [file, text] of Object.entries(buildOne(name))) {
      if (written.has(file) && written.get(file) !== text)
        throw new Problem(`build: ${file} is another one for ${name}`);
      written.set(file, text);
      mkdirSync(generated, { recursive: true });
      writeFileSync(inRoot('ts', file), text);
    }
    record(`wasm-${name}`, hash);
  }
  return stale.length > 0;
}

const wasmFile = (name) => inRoot('ts', 'entrypoints', `fourlane_${name}.wasm`);

/** Builds one wasm; its glue and types by file name. Builds with the same memory have the same glue, all the same types. */
function buildOne(name) {
  const parts = builds[name];
  const all = (key) => parts.flatMap((part) => part[key] ?? []);
  const rustFlags = [
    `target-feature=${[...FEATURES, ...all('features')]}`,
    ...all('linkArgs').map((arg) => `link-arg=--${arg}`),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'fourlane-wasm-'));
  try {
    // An environment's RUSTFLAGS would replace those of a configuration file, not add to them.
    const env = {
      ...projectEnvironment(),
      RUSTFLAGS: rustFlags.map((flag) => `-C ${flag}`).join(' '),
      CARGO_TARGET_DIR: target,
    };
    const flags = ['--release', '--mode', 'no-install', '--no-pack', '--out-name', 'fourlane', '--out-dir', folder];
    run(
      'wasm-pack',
      ['--log-level', 'warn', 'build', 'crate', '--target', 'no-modules', ...flags, ...all('cargoFlags')],
      { env },
    );
    // The types of the `web` target describe the same functions and, unlike those of `no-modules`, are a module.
    const built = join(target, 'wasm32-unknown-unknown', 'release', 'fourlane_core.wasm');
    run('wasm-bindgen', ['--target', 'web', '--out-name', 'web', '--out-dir', folder, built], { env });
    copyFileSync(join(folder, 'fourlane_bg.wasm'), wasmFile(name));
    const glue = parts.includes(THREADS) ? 'threads' : 'single';
    return {
      [`engine/generated/${glue}.js`]: factoryFrom(readFileSync(join(folder, 'fourlane.js'), 'utf8')),
      [`engine/generated/${glue}.d.ts`]: FACTORY_TYPE,
      'engine/generated/bindings.d.ts': bindingsFrom(readFileSync(join(folder, 'web.d.ts'), 'utf8')),
      ...(name === 'simd' && bundlerGlue(built, folder, env)),
    };
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

/** The glue of the `bundler` target and types for it and the `.wasm`; the `.wasm` itself is that of every target. */
function bundlerGlue(built, folder, env) {
  run('wasm-bindgen', ['--target', 'bundler', '--out-name', 'bundler', '--out-dir', folder, built], { env });
  const read = (file) => readFileSync(join(folder, file), 'utf8');
  // By this name the `.wasm` imports it.
  return {
    'entrypoints/fourlane_bg.js': read('bundler_bg.js'),
    'entrypoints/fourlane_bg.d.ts': `${read('bundler.d.ts')}\nexport function __wbg_set_wasm(wasm: unknown): void;\n`,
    'entrypoints/fourlane_simd.wasm.d.ts': read('bundler_bg.wasm.d.ts'),
  };
}

const FACTORY_TYPE = `import type { Bindings } from './bindings.js';

export function createBindings(): Bindings;
`;

/** Types of what every factory returns, from the `web` types of any build: they have the same functions. */
function bindingsFrom(web) {
  const functions = [...web.matchAll(/^export function (?!initSync)(\w+\(.*\): .+;)$/gm)].map(
    ([, signature]) => signature,
  );
  if (functions.length === 0) throw new Problem('build: the types of wasm-bindgen hold no functions any more');
  return `/** Parts of an instance that are no functions of the crate. */
export interface Instance {
    readonly memory: WebAssembly.Memory;
    /** Of the threaded builds: gives back stack and thread-local memory of the calling thread. */
    readonly __wbindgen_thread_destroy?: () => void;
}

export interface InstanceOptions {
    module: WebAssembly.Module;
    /** Of the threaded builds: shared by all instances of an engine. */
    memory?: WebAssembly.Memory;
    /** In bytes, a multiple of 65536. Of the threaded builds. */
    thread_stack_size?: number;
}

export interface Bindings {
    initSync(options: InstanceOptions): Instance;
${functions.map((signature) => `    ${signature}`).join('\n')}
}
`;
}
