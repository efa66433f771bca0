import { threads as detectThreads } from 'wasm-feature-detect';
import type { EngineChoice } from './engineOptions.ts';
import { hint } from './hint.ts';
import type { ThreadPlatform } from './platform.ts';

/** Threads by default, at most: beyond them the memory that they share is the limit. */
const MOST_BY_DEFAULT = 8;

/**
 * The number of threads that a choice comes to here: 1, with a hint why, where there can be no more. Numbers above
 * that of the machine's cores are taken as they are.
 */
export async function chooseThreads(choice: EngineChoice['threads'], platform: ThreadPlatform): Promise<number> {
  const wanted = choice === 'auto' ? Math.min(await platform.availableParallelism(), MOST_BY_DEFAULT) : choice;
  if (wanted === 1) return 1;
  const obstacle =
    platform.obstacle() ?? ((await detectThreads()) ? undefined : 'WebAssembly threads are missing here');
  if (obstacle === undefined) return wanted;
  hint(`one thread instead of ${wanted}: ${obstacle}`);
  return 1;
}

/** Whether the calling thread may wait for others: that of a page may not. */
export function mayWait(): boolean {
  try {
    // Not equal, so that it returns at once where it is allowed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
