import { batchShape, printShape } from '../shape.ts';
import type { Plan, PlanBuffer, Step } from './plan.ts';

/**
 * A plan as text, the same for the same plan: its blocks in bytes, every buffer as `#index name: type [shape] block
 * start..end` in bytes, and the steps of each phase as `kernel layer operand=#index ... {attributes}`. `N` is the number
 * of samples.
 */
export function printPlan(plan: Plan): string {
  const blocks = Object.entries(plan.blockBytes).map(([name, bytes]) => `${name} ${bytes}`);
  return [
    `plan for N <= ${plan.maxBatch}`,
    `bytes: ${blocks.join(', ')} (${plan.liveBytes} live)`,
    `inputs ${list(plan.inputs)}, outputs ${list(plan.outputs)}, target ${list([plan.target])}`,
    ...section('buffers', plan.buffers.map(printBuffer)),
    ...section('forward', plan.forward.map(printStep)),
    ...section('loss', plan.loss === undefined ? [] : [printStep(plan.loss)]),
    ...section('backward', plan.backward.map(printStep)),
    ...section('update', plan.update.map(printStep)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function list(buffers: readonly (number | undefined)[]): string {
  return buffers.map((buffer) => (buffer === undefined ? 'none' : `#${buffer}`)).join(' ');
}

function printBuffer(
  { name, dtype, shape, perSample, block, byteOffset, byteLength }: PlanBuffer,
  index: number,
): string {
  const sizes = perSample ? batchShape(shape) : printShape(shape);
  return `#${index} ${name}: ${dtype} ${sizes} ${block} ${byteOffset}..${byteOffset + byteLength}`;
}

function printStep({ kernel, layer, operands, attributes }: Step): string {
  const names = Object.entries(operands).map(([operand, buffer]) => `${operand}=#${buffer}`);
  return `${kernel} ${layer} ${names.join(' ')} ${printAttribute(attributes)}`;
}

function printAttribute(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${name} ${printAttribute(inner)}`);
  return `{${entries.join(', ')}}`;
}
