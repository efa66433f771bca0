import { activationKernels } from './activation.ts';
import { adamKernels } from './adam.ts';
import { channelSumKernels } from './channelSum.ts';
import { conv2dKernels } from './conv2d.ts';
import { denseKernels } from './dense.ts';
import { densePanelsKernels } from './densePanels.ts';
import { elementwiseKernels } from './elementwise.ts';
import { gemmKernels } from './gemm.ts';
import type { Kernel, KernelTable } from './kernel.ts';
import { lossKernels } from './losses.ts';
import { maxPool2dKernels } from './maxPool2d.ts';
import { permuteKernels } from './permute.ts';
import { sgdKernels } from './sgd.ts';
import { sgdMomentumKernels } from './sgdMomentum.ts';
import { softmaxKernels } from './softmax.ts';

const kernelTable: KernelTable = {
  ...activationKernels,
  ...adamKernels,
  ...channelSumKernels,
  ...conv2dKernels,
  ...denseKernels,
  ...densePanelsKernels,
  ...elementwiseKernels,
  ...gemmKernels,
  ...lossKernels,
  ...maxPool2dKernels,
  ...permuteKernels,
  ...sgdKernels,
  ...sgdMomentumKernels,
  ...softmaxKernels,
};

/** The kernel of a plan step. */
export function kernelOf(name: string): Kernel<unknown> {
  const kernel = kernelTable[name];
  if (kernel === undefined) throw new Error(`plan: unknown kernel ${name}`);
  // The attributes of a step were written by the code that chose its kernel.
  return kernel;
}
