import type { Step } from '../plan.ts';
import { biasBelowActivation } from './biasBelowActivation.ts';
import { biasBelowPooling } from './biasBelowPooling.ts';
import { poolingAboveActivation } from './poolingAboveActivation.ts';
import type { FusionContext, FusionRule } from './rule.ts';

/** One file each. What one makes, the next may take. */
const rules: readonly FusionRule[] = [poolingAboveActivation, biasBelowPooling, biasBelowActivation];

/**
 * A backward pass with fewer passes over memory: wherever a rule knows a better way for two neighbouring steps, that
 * takes their place. Values in between that nobody else reads are then never written, so this is not for plans that show
 * all values.
 */
export function fuseSteps(steps: readonly Step[], context: FusionContext): Step[] {
  const fused: Step[] = [];
  for (const next of steps) {
    const last = fused.at(-1);
    const better = last && firstOf(rules, (rule) => rule(last, next, context));
    if (better === undefined) fused.push(next);
    else fused.splice(-1, 1, ...better);
  }
  return fused;
}

function firstOf<Item, Result>(items: readonly Item[], visit: (item: Item) => Result | undefined): Result | undefined {
  for (const item of items) {
    const result = visit(item);
    if (result !== undefined) return result;
  }
  return undefined;
}
