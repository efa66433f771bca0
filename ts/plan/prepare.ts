import type { Engine } from '../engine/engine.ts';
import { kernelOf } from '../ops/index.ts';
import type { Step } from './plan.ts';

/** How a kernel does a step, where there are several ways. */
export interface Choice {
  step: Step;
  /** With the pass before it, e.g. `forward direct`. */
  algorithm: string;
}

/** Steps whose shapes the wasm side knows. */
export interface PreparedSteps {
  /** What each step's kernel calls its shape; 0 where it needs none. */
  handleOf: (step: Step) => number;
  /** The largest scratch memory that one of them needs. */
  workspaceBytes: number;
  choices: readonly Choice[];
  /** Forgets the shapes. */
  release: () => void;
}

/** Makes the shapes of all steps. When one fails, those before it are forgotten. */
export function prepareSteps(engine: Engine, steps: readonly Step[]): PreparedSteps {
  const handles = new Map<Step, number>();
  const release = (): void => {
    for (const [{ kernel }, handle] of handles) engine.run((kernels) => kernelOf(kernel).release?.(kernels, handle));
    handles.clear();
  };
  let workspaceElements = 0;
  const choices: Choice[] = [];
  try {
    for (const step of steps) {
      const kernel = kernelOf(step.kernel);
      const handle = engine.run((kernels) => kernel.prepare?.(kernels, step.attributes)) ?? 0;
      if (kernel.release !== undefined) handles.set(step, handle);
      const needed = engine.run((kernels) => kernel.workspace?.(kernels, step.attributes, handle)) ?? 0;
      workspaceElements = Math.max(workspaceElements, needed);
      const algorithm = engine.run((kernels) => kernel.algorithm?.(kernels, handle));
      if (algorithm !== undefined) choices.push({ step, algorithm });
    }
  } catch (error) {
    if (engine.state === 'live') release();
    throw error;
  }
  return { handleOf: (step) => handles.get(step) ?? 0, workspaceBytes: workspaceElements * 4, choices, release };
}

/** What a plan's kernels choose and need on this engine. */
export function kernelDemands(
  engine: Engine,
  steps: readonly Step[],
): { workspaceBytes: number; choices: readonly Choice[] } {
  const { workspaceBytes, choices, release } = prepareSteps(engine, steps);
  release();
  return { workspaceBytes, choices };
}
