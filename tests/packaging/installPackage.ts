import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A target of package.json's `exports`, by condition. */
export type ExportTarget = string | { readonly [condition: string]: ExportTarget };

/** What the tests read of package.json. */
export interface Manifest {
  version: string;
  license: string;
  type: string;
  sideEffects: unknown;
  exports: Readonly<Record<string, ExportTarget>>;
  [field: string]: unknown;
}

/** The packed package, installed into a folder that was empty. */
export interface Installation {
  /** The folder of the user. */
  folder: string;
  /** `node_modules/fourlane` in it. */
  packageFolder: string;
  /** Every file of the package, relative to it, with `/`, sorted. */
  files: readonly string[];
  manifest: Manifest;
  dispose(): Promise<void>;
}

/** What `npm run build` made, as `npm publish` would send it. Gone when disposed of. */
export async function packTarball(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fourlane-pack-'));
  await npm(repository, ['pack', '--ignore-scripts', '--pack-destination', folder]);
  const [tarball] = await readdir(folder);
  return { path: join(folder, tarball!), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Installs the tarball without a network: there are no dependencies to fetch. */
export async function installPackage(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'fourlane-user-'));
  await using tarball = await packTarball();
  await npm(folder, ['install', tarball.path, '--prefix', folder, '--offline', '--no-audit', '--no-fund']);
  const packageFolder = join(folder, 'node_modules', 'fourlane');
  return {
    folder,
    packageFolder,
    files: await filesIn(packageFolder),
    manifest: JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as Manifest,
    dispose: () => rm(folder, { recursive: true }),
  };
}

/** Under `npm run` the settings of this repository are in the environment; a user has none of them. */
export function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
}

/** Runs npm as a user does. */
export async function npm(cwd: string, args: string[]): Promise<void> {
  await promisify(execFile)('npm', args, { cwd, env: userEnvironment() });
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((file) => relative(folder, join(file.parentPath, file.name)).replaceAll(sep, '/')).sort();
}

/** The file that a target gives under these conditions, as Node and bundlers resolve it: the first that matches. */
export function resolveTarget(target: ExportTarget, conditions: readonly string[]): string | undefined {
  if (typeof target === 'string') return target;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== 'default' && !conditions.includes(condition)) continue;
    const resolved = resolveTarget(inner, conditions);
    if (resolved !== undefined) return resolved;
  }
  return undefined;
}

/** The subpaths that are modules: `.`, `./ops` ... */
export function moduleSubpaths({ exports }: Manifest): string[] {
  return Object.keys(exports).filter((subpath) => resolveTarget(exports[subpath]!, [])?.endsWith('.js'));
}

/** Instantiates its `.wasm` by being imported, which is what it is for. */
export const importsWasm = './bundler';

/** How a user writes a subpath: `./ops` is `fourlane/ops`. */
export function specifierOf(subpath: string): string {
  return `fourlane${subpath.slice(1)}`;
}
