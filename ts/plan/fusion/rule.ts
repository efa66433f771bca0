import type { BufferTable } from '../buffers.ts';
import type { Step } from '../plan.ts';

/** What a rule may look at and use beside the two steps. */
export interface FusionContext {
  forward: readonly Step[];
  /** For scratch memory of what it makes. */
  table: BufferTable;
}

/**
 * Looks at two neighbouring steps of a backward pass, and says what to do in their place, at the same results bit for
 * bit; undefined where it does not apply.
 */
export type FusionRule = (first: Step, second: Step, context: FusionContext) => Step[] | undefined;

/** Attributes of a step of a kernel whose attributes are known. */
export function attributesOf<Attributes>(step: Step): Attributes {
  return step.attributes as Attributes;
}
