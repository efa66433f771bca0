import type { Method } from './method.ts';
import { block, gaussSeidel, joint, sequentialOrder } from './orders.ts';

export { converging } from './converged.ts';

/** The orders of the engine: `compile({ updateOrder })`. */
export const orders: readonly Method[] = [joint, sequentialOrder, gaussSeidel, block(5), block(20), block(100)];
