import { createBindings } from '../generated/threads.js';
import type { HelperMessage, HelperTask } from '../platform.ts';

/** Bytes of a helper's stack: as many as the calling thread's, so that a kernel that fits there fits here. */
const STACK_BYTES = 1 << 20;

/** Serves as a helper until the engine ends it. */
export function serve({ module, memory, worker }: HelperTask, post: (message: HelperMessage) => void): void {
  const bindings = createBindings();
  try {
    bindings.initSync({ module, memory, thread_stack_size: STACK_BYTES });
  } catch (error) {
    post({ failure: String(error) });
    return;
  }
  try {
    post('ready');
    bindings.pool_serve(worker);
    post('stopped');
  } catch (error) {
    // It may hold a block that the calling thread waits for.
    bindings.pool_poison();
    post({ failure: String(error) });
  }
}
