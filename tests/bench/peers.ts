import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkEngineOptions } from '../../ts/engine/engineOptions.ts';
import { findChromium, noChromium } from '../browser/chromium.ts';
import type { Command } from './contender.ts';
import type { Row } from './workloads.ts';

/** Somebody to compare with. */
export interface PeerSpec {
  name: string;
  /** `--quick` leaves it out: tens of seconds for a step of W4 or W5, or for its start. */
  slow: boolean;
  /** Computes the same as we do, from the same numbers: its results are compared with ours. */
  sameWork: boolean;
  /** A package of `tests/bench/package.json`. */
  npm: boolean;
  takesPart(row: Row): boolean;
  /** How to start it for so many threads. Those that have only one use that. */
  command(threads: number, build: string | undefined): Command;
  /** A sentence where it cannot be used here; called before it is started. */
  missing?(): string | undefined;
}

/** Holds PyTorch and its libraries to AVX2, as on a machine without AVX-512. */
const AVX2 = {
  ATEN_CPU_CAPABILITY: 'avx2',
  ONEDNN_MAX_CPU_ISA: 'AVX2',
  MKL_ENABLE_INSTRUCTIONS: 'AVX2',
};

const onNode = (file: string, ...args: string[]): Command => ({
  file: process.execPath,
  args: [pathOf(file), ...args],
});

/** Options of `init` and `createEngine`, as JSON. */
export function engineOptions(threads: number, build: string | undefined): string {
  const single = threads === 1 && !knowsThreads();
  return JSON.stringify({ ...(single ? {} : { threads }), ...(build === undefined ? {} : { build }) });
}

/** Whether this version of the library takes `threads`; one that does not has one thread. */
function knowsThreads(): boolean {
  try {
    checkEngineOptions('bench', { threads: 1 });
    return true;
  } catch {
    return false;
  }
}

/** This library. */
export function ours(threads: number, build: string | undefined): Command {
  return onNode('fourlane.ts', engineOptions(threads, build));
}

const isNetwork = ({ workload }: Row): boolean => workload.kind === 'network';

const torch = (name: string, env: Record<string, string>): PeerSpec => ({
  name,
  slow: false,
  sameWork: true,
  npm: false,
  takesPart: () => true,
  command: (threads) => ({
    file: python(),
    args: [pathOf('pytorch.py'), String(threads)],
    env: { ...env, PYTHONWARNINGS: 'ignore' },
  }),
  missing: missingTorch,
});

export const peerSpecs: readonly PeerSpec[] = [
  torch('torch', {}),
  torch('torch-avx2', AVX2),
  {
    name: 'tfjs-wasm',
    slow: false,
    sameWork: true,
    npm: true,
    // Its kernels have no backward passes, and products of transposed matrices take it seconds.
    takesPart: ({ workload, phase }) =>
      phase === 'predict' || ['gemm 256 nn', 'gemm 512 nn', 'gemm 1024 nn', 'conv forward'].includes(workload.name),
    // One thread in Node, whatever it is told.
    command: () => onNode('tfjs.ts', 'wasm'),
  },
  {
    name: 'tfjs-cpu',
    slow: true,
    sameWork: true,
    npm: true,
    takesPart: isNetwork,
    command: () => onNode('tfjs.ts', 'cpu'),
  },
  {
    name: 'jax-js',
    slow: true,
    sameWork: true,
    npm: true,
    takesPart: ({ workload }) => workload.kind !== 'conv',
    command: () => onNode('jaxJs.ts'),
  },
  {
    name: 'convnetjs',
    slow: true,
    sameWork: false,
    npm: true,
    takesPart: isNetwork,
    command: () => onNode('convnetjs.ts'),
  },
  {
    // A worker of a page, as an app trains in.
    name: 'chromium',
    slow: true,
    sameWork: true,
    npm: false,
    takesPart: isNetwork,
    command: (threads, build) => onNode('chromium.ts', engineOptions(threads, build)),
    missing: () => (findChromium() === undefined ? noChromium : undefined),
  },
  {
    name: 'one-thread',
    slow: false,
    sameWork: true,
    npm: false,
    takesPart: () => true,
    command: (_, build) => ours(1, build),
  },
];

/** `$FOURLANE_PYTHON`, or `python3`. */
function python(): string {
  return process.env['FOURLANE_PYTHON'] ?? 'python3';
}

let torchIsMissing: string | undefined | null = null;

function missingTorch(): string | undefined {
  if (torchIsMissing === null) {
    const { status } = spawnSync(python(), ['-c', 'import torch'], { stdio: 'ignore' });
    torchIsMissing =
      status === 0 ? undefined : `${python()} -c "import torch" fails; FOURLANE_PYTHON names another interpreter`;
  }
  return torchIsMissing;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`peers/${file}`, import.meta.url));
}
