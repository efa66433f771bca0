import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Writes to a path that are under way: each waits for the one before it. */
const pending = new Map<string, Promise<void>>();

/**
 * Replaces a file as a whole: whatever happens meanwhile, there is the old one or the new one. A link stays, and what it
 * leads to is replaced. Rejects for a folder, a device and whatever else is no file, which stays.
 */
export async function writeWhole(name: string | URL, bytes: Uint8Array): Promise<void> {
  const path = pathOf(name);
  const before = pending.get(path) ?? Promise.resolve();
  const write = before.catch(() => {}).then(async () => replaceFile(await behindLinks(path), bytes));
  pending.set(path, write);
  try {
    await write;
  } finally {
    if (pending.get(path) === write) pending.delete(path);
  }
}

/** The bytes of a file; none where there is no such file. */
export async function readWhole(name: string | URL): Promise<Uint8Array | undefined> {
  try {
    return await readFile(pathOf(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function pathOf(name: string | URL): string {
  return typeof name === 'string' ? resolve(name) : fileURLToPath(name);
}

/** The file itself; the path as it is where there is none yet. */
async function behindLinks(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    if (!(await stat(target)).isFile()) throw new Error(`${target} is there and is no file`);
    return target;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

/**
 * Writes a temporary file beside it, and renames that once it is on the disk. Its name is the same for every write of a
 * thread: one that a killed process left behind is overwritten, or taken for what it is.
 */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${pid}-${threadId}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path);
}

/** So that the new name outlives a power failure. Some systems refuse to open a folder, and need no such thing. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  if (folder === undefined) return;
  try {
    await folder.sync().catch(() => {});
  } finally {
    await folder.close();
  }
}
