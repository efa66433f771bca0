// Work that is done again only when what it is made from has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, stampFolder } from './paths.mjs';

/** Files below a path of the repository, sorted; the path itself for a file, nothing for one that is not there. */
function filesOf(path) {
  const absolute = inRoot(path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}

/** Hash over names and contents of all files below `paths`. */
export function hashOf(paths, skip = () => false) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf)) {
    if (skip(file)) continue;
    hash
      .update(`${file}\0`)
      .update(readFileSync(inRoot(file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** True when `name` was last recorded with this hash. */
export function isCurrent(name, hash) {
  const file = join(stampFolder, name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

/** Records that `name` is up to date with this hash. */
export function record(name, hash) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), hash);
}
