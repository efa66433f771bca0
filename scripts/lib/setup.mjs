// Everything that a fresh clone needs, brought where it is missing. Takes about a second when there is nothing to do.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cargoTools, inRoot, npmBin } from './paths.mjs';
import { output, Problem, run } from './shell.mjs';
import { hashOf, isCurrent, record } from './stamp.mjs';

const OFFLINE = 'If the network is down, try again later; what was brought so far is kept.';

/** Brings npm packages, Rust toolchain and wasm tools. Throws a Problem that says what is missing and what to do. */
export function setUp() {
  checkNode();
  npmPackages();
  const channel = rustToolchain();
  wasmTools(channel);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Problem(
    `setup: Node.js 20.19 or later is needed, this is ${process.version}; get a newer one (nodejs.org).`,
  );
}

function npmPackages() {
  const hash = hashOf(['package.json', 'package-lock.json']);
  const wanted = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).devDependencies.node;
  const hasNode = () => output(join(npmBin, 'node'), ['--version']) === `v${wanted}`;
  if (isCurrent('npm', hash) && hasNode()) return;
  console.log('setup: npm packages');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['ci', ...quiet], { remedy: OFFLINE });
  if (!hasNode()) {
    throw new Problem(
      `setup: the npm package node@${wanted} is not in place; its install script must be allowed to run ` +
        '(npm config get ignore-scripts must be false, and package.json lists it under allowScripts).',
    );
  }
  record('npm', hash);
}

/** Installs the pinned toolchain with its components; returns its name. */
function rustToolchain() {
  const pinned = readFileSync(inRoot('rust-toolchain.toml'), 'utf8');
  const channel = /^channel = "(.+)"/m.exec(pinned)[1];
  const list = (key) =>
    [...new RegExp(`^${key} = \\[(.+)\\]`, 'm').exec(pinned)[1].matchAll(/"([^"]+)"/g)].map(([, item]) => item);
  const [components, targets] = [list('components'), list('targets')];
  if (output('rustup', ['--version']) === undefined) {
    throw new Problem('setup: rustup is missing; install it (rustup.rs), open a new terminal, and run this again.');
  }
  // Cargo links build scripts and procedural macros with it.
  if (output('cc', ['--version']) === undefined) {
    throw new Problem(
      'setup: a C compiler (cc) is missing; install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install).',
    );
  }
  const installed = output('rustup', ['component', 'list', '--installed', '--toolchain', channel])?.split('\n') ?? [];
  const has = (name) => installed.some((line) => line === name || line.startsWith(`${name}-`));
  if ([...components, ...targets.map((target) => `rust-std-${target}`)].every(has)) return channel;
  console.log(`setup: Rust toolchain ${channel}`);
  const wanted = [
    ...components.flatMap((name) => ['--component', name]),
    ...targets.flatMap((name) => ['--target', name]),
  ];
  run('rustup', ['toolchain', 'install', channel, '--profile', 'minimal', '--no-self-update', ...wanted], {
    remedy: OFFLINE,
  });
  return channel;
}

function wasmTools(channel) {
  for (const { crate, command, version, folder } of cargoTools()) {
    const isThis = (path) => output(path, ['--version'])?.split(' ')[1] === version;
    const cached = join(folder, 'bin', command);
    if ((existsSync(cached) && isThis(cached)) || isThis(command)) continue;
    console.log(`setup: ${crate} ${version} into ${folder}; compiling it takes some minutes, once on this machine`);
    run('cargo', [`+${channel}`, 'install', '--locked', '--root', folder, '--version', version, crate], {
      remedy: OFFLINE,
    });
  }
}
