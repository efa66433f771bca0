import { expect } from 'vitest';
import { kernelOf } from '../../ts/ops/index.ts';
import { allSteps, type Plan, type PlanBuffer } from '../../ts/plan/plan.ts';

/** Granularity of the owners below: what offsets are multiples of. */
const LINE = 64;

/**
 * Plays a plan through with the name of a buffer in the place of its values: a step may read only what is still there
 * since it was staged or written. Results must be there at the end.
 */
export function expectNothingClobbered(plan: Plan): void {
  const owners = new Int32Array(Math.ceil(plan.blockBytes.work / LINE)).fill(-1);
  const lines = ({ byteOffset, byteLength }: PlanBuffer): Int32Array =>
    owners.subarray(byteOffset / LINE, Math.ceil((byteOffset + byteLength) / LINE));
  const write = (index: number): void => void lines(plan.buffers[index]!).fill(index);
  const read = (index: number, who: string): void => {
    const lost = lines(plan.buffers[index]!).find((owner) => owner !== index);
    if (lost === undefined) return;
    expect.fail(`${who} reads ${plan.buffers[index]!.name}, but ${plan.buffers[lost]?.name ?? 'nothing'} is there`);
  };
  const inWork = (index: number): boolean => plan.buffers[index]!.block === 'work';
  for (const staged of [...plan.inputs, plan.target]) if (staged !== undefined) write(staged);
  for (const step of allSteps(plan)) {
    const roles = kernelOf(step.kernel).operands;
    const operands = Object.entries(step.operands).filter(([, index]) => inWork(index));
    for (const [name] of Object.entries(step.operands)) expect(Object.keys(roles)).toContain(name);
    for (const [name, index] of operands) if (roles[name] !== 'write') read(index, `${step.kernel} of ${step.layer}`);
    for (const [name, index] of operands) if (roles[name] !== 'read') write(index);
  }
  for (const result of [...plan.outputs, plan.sampleLoss, ...plan.inputGradients]) {
    if (result !== undefined) read(result, 'the caller');
  }
}

/** Bytes that any layout needs: the largest sum of work buffers between their first and last use. */
export function liveBytes(plan: Plan): number {
  const steps = allSteps(plan);
  const end = steps.length;
  const spans = plan.buffers.map((buffer, index) => {
    const uses = steps.flatMap(({ operands }, at) => (Object.values(operands).includes(index) ? [at] : []));
    const staged = plan.inputs.includes(index) || plan.target === index;
    const results = [...plan.outputs, plan.sampleLoss, ...plan.inputGradients];
    return {
      bytes: buffer.block === 'work' && uses.length > 0 ? buffer.byteLength : 0,
      first: staged ? -1 : Math.min(...uses),
      last: results.includes(index) ? end : Math.max(...uses),
    };
  });
  const at = (step: number): number =>
    spans.reduce((sum, { bytes, first, last }) => (first <= step && step <= last ? sum + bytes : sum), 0);
  return Math.max(...steps.map((_, step) => at(step)));
}
