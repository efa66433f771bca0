// Where things are. Plain Node, no dependencies: setup runs before there are any.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A path in the repository. */
export const inRoot = (...parts) => join(root, ...parts);

/** Executables of the npm packages; `node` is among them. */
export const npmBin = inRoot('node_modules', '.bin');

/** What scripts remember between runs; goes away with the packages. */
export const stampFolder = inRoot('node_modules', '.cache', 'fourlane');

/**
 * A path in a folder of the user outside the clone, for what is fetched once and shared by clones.
 *
 * @param {string[]} parts
 */
export const userCache = (...parts) =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fourlane', ...parts);

/** Version of `wasm-pack`; the glue generator is pinned in Cargo.lock, as it has to match the crate. */
const WASM_PACK_VERSION = '0.15.1';

/** Tools from crates.io, each in a folder of its own. */
export function cargoTools() {
  const lock = readFileSync(inRoot('Cargo.lock'), 'utf8');
  const bindgen = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1];
  if (bindgen === undefined) throw new Error('setup: Cargo.lock does not hold wasm-bindgen');
  const tool = (crate, command, version) => ({
    crate,
    command,
    version,
    folder: userCache(`${crate}-${version}`),
  });
  return [tool('wasm-bindgen-cli', 'wasm-bindgen', bindgen), tool('wasm-pack', 'wasm-pack', WASM_PACK_VERSION)];
}

/** The environment for child processes: the project's own Node and tools first. */
export function projectEnvironment() {
  const tools = cargoTools().map(({ folder }) => join(folder, 'bin'));
  return { ...process.env, PATH: [npmBin, ...tools, process.env.PATH].join(delimiter) };
}
