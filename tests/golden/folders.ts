import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** The project's own files, with the script that made them. */
const OWN = 'tests/fixtures/golden';

/** Golden data of the workplace, which a clone need not have beside it. */
const DEFAULTS = ['../shared/seed/golden', '../shared/networks'];

/** A folder with the golden files in it. */
export interface Folder {
  /** As messages name it. */
  name: string;
  files: string[];
  /** Why there are none. */
  problem?: { skipped: boolean; reason: string };
}

/**
 * The project's own folder, and those of `$FOURLANE_GOLDEN`, separated by `:`, or the default ones where it is not set.
 * Only the default ones may be absent. Their paths, and the project's own, are relative to `root`.
 */
export function goldenFolders(variable: string | undefined, root = project): Folder[] {
  const named = (variable ?? '').split(delimiter).filter((path) => path !== '');
  const own = readFolder(OWN, resolve(root, OWN));
  if (named.length > 0) return [own, ...named.map((path) => readFolder(path, resolve(path)))];
  return [own, ...DEFAULTS.map((path) => readDefault(path, resolve(root, path)))];
}

function readDefault(name: string, path: string): Folder {
  if (existsSync(path)) return readFolder(name, path);
  return { name, files: [], problem: { skipped: true, reason: `no folder ${name} beside the project` } };
}

function readFolder(name: string, path: string): Folder {
  const failed = (reason: string): Folder => ({ name, files: [], problem: { skipped: false, reason } });
  try {
    const files = readdirSync(path).filter((file) => file.endsWith('.json'));
    if (files.length === 0) return failed('holds no *.json');
    return { name, files: files.sort().map((file) => join(path, file)) };
  } catch (error) {
    return failed((error as Error).message);
  }
}
