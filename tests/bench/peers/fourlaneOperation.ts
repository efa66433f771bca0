import type { Engine } from '../../../ts/engine/engine.ts';
import { conv2dGeometry } from '../../../ts/ops/geometry.ts';
import { BoundPlan } from '../../../ts/plan/execute.ts';
import { step, type Plan, type PlanBuffer, type Step } from '../../../ts/plan/plan.ts';
import { floats, type Tensors } from '../tensors.ts';
import { sampledIndices } from '../protocol.ts';
import { product } from '../shapes.ts';
import type { Convolution, Product } from '../workloads.ts';
import type { Job } from './job.ts';

/** Offsets of buffers: a cache line. */
const ALIGNMENT = 64;

interface Operation {
  maxBatch: number;
  step: (buffer: (name: string) => number) => Step;
  /** Shapes by name; those of one sample where `perSample`. The last one is the result. */
  buffers: readonly { name: string; shape: readonly number[]; perSample: boolean }[];
}

/** One kernel as a plan of a single step, so that it is bound once, with its scratch memory, as in a model. */
export function bindOperation(engine: Engine, workload: Product | Convolution, tensors: Tensors): Job {
  const operation = workload.kind === 'gemm' ? gemmOperation(workload) : convolution(workload);
  const plan = planOf(operation);
  const work = engine.alloc(plan.blockBytes.work);
  const addresses = { parameters: 0, gradients: 0, state: 0, optimizer: 0, work };
  const bound = new BoundPlan(engine, plan, addresses, () => 0);
  operation.buffers.forEach(({ name }, index) => {
    if (tensors[name] !== undefined) bound.f32(index, plan.maxBatch).set(floats(tensors, name));
  });
  return {
    step: () => bound.forward(plan.maxBatch),
    values: () => {
      const result = bound.f32(plan.outputs[0]!, plan.maxBatch);
      return sampledIndices(result.length).map((index) => result[index]!);
    },
    dispose: () => {
      bound.dispose();
      engine.free(work);
    },
  };
}

function gemmOperation({ n, transposeA, transposeB }: Product): Operation {
  const attributes = { m: n, n, k: n, alpha: 1, beta: 0, transposeA, transposeB };
  return {
    maxBatch: 1,
    step: (buffer) => step('gemm', 'gemm', { a: buffer('a'), b: buffer('b'), c: buffer('c') }, attributes),
    buffers: ['a', 'b', 'c'].map((name) => ({ name, shape: [n, n], perSample: false })),
  };
}

function convolution({ pass, size, channels, filters, batch }: Convolution): Operation {
  const options = { filters, kernelSize: [3, 3], strides: [1, 1], padding: 'same' } as const;
  const geometry = conv2dGeometry('bench', [size, size, channels], options);
  const input = { name: 'input', shape: [size, size, channels], perSample: true };
  const weight = { name: 'weight', shape: [3, 3, channels, filters], perSample: false };
  const gradOutput = { name: 'gradOutput', shape: [size, size, filters], perSample: true };
  const passes = {
    forward: { kernel: 'conv2dForward', buffers: [input, weight, { ...gradOutput, name: 'output' }] },
    input: { kernel: 'conv2dBackwardInput', buffers: [gradOutput, weight, { ...input, name: 'gradInput' }] },
    weight: { kernel: 'conv2dBackwardWeight', buffers: [input, gradOutput, { ...weight, name: 'gradWeight' }] },
  };
  const { kernel, buffers } = passes[pass];
  return {
    maxBatch: batch,
    step: (buffer) =>
      step(kernel, 'conv', Object.fromEntries(buffers.map((b) => [b.name, buffer(b.name)])), { geometry }),
    buffers,
  };
}

function planOf({ maxBatch, step, buffers: described }: Operation): Plan {
  let work = 0;
  const buffers = described.map(({ name, shape, perSample }): PlanBuffer => {
    const byteLength = product(shape) * 4 * (perSample ? maxBatch : 1);
    const byteOffset = work;
    work += Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
    return { name, block: 'work', dtype: 'float32', shape, perSample, byteOffset, byteLength };
  });
  return {
    maxBatch,
    buffers,
    forward: [step((name) => buffers.findIndex((buffer) => buffer.name === name))],
    loss: undefined,
    backward: [],
    update: [],
    inputs: [],
    outputs: [buffers.length - 1],
    target: undefined,
    sampleLoss: undefined,
    inputGradients: [],
    blockBytes: { parameters: 0, gradients: 0, state: 0, optimizer: 0, work },
    liveBytes: work,
  };
}
