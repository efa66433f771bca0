import { Checks } from './compare.ts';

/** Something of a file that passes, fails or is skipped on its own. */
export interface Case {
  name: string;
  /** Compares into `checks`; throws for any other failure. */
  run: (checks: Checks) => void;
}

export type Outcome = { status: 'pass' } | { status: 'skip' | 'FAIL'; reason: string };

/** Runs a case. One that compared nothing fails. */
export function outcomeOf({ run }: Case): Outcome {
  const checks = new Checks();
  try {
    run(checks);
  } catch (error) {
    return { status: 'FAIL', reason: error instanceof Error ? error.message : String(error) };
  }
  const [first, ...others] = checks.failures;
  if (first !== undefined) {
    return {
      status: 'FAIL',
      reason: others.length === 0 ? first : `${first}; ${others.length} more of ${checks.compared} tensors`,
    };
  }
  return checks.compared === 0 ? { status: 'FAIL', reason: 'nothing was compared' } : { status: 'pass' };
}

/** A case that fails with a message, for what is wrong with a file or folder as a whole. */
export function failure(name: string, message: string): Case {
  return {
    name,
    run() {
      throw new Error(message);
    },
  };
}
