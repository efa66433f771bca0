// What the machine and the files are like, apart from any workload.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { ClockName } from './clocks.ts';
import { Contender } from './contender.ts';
import { engineOptions, ours } from './peers.ts';
import { median } from './median.ts';

/** Iterations of the peak loop for one measurement: some 100 ms. */
const PEAK_ITERATIONS = 4_000_000;
const PEAK_REPEATS = 7;
const INIT_REPEATS = 9;

/** Best GFLOP/s of a loop that touches no memory: in one process, and in as many at once as there are threads. */
export interface Peak {
  one: number;
  all: number;
}

/** Processor, cores, system and Node in a line. */
export function machineName(): string {
  const { model } = cpus()[0] ?? { model: 'unknown processor' };
  return `${model.trim()}${vectorWidth()}, ${availableParallelism()} cores, ${process.platform}, Node ${process.version}`;
}

/** What PyTorch can use and wasm cannot; only Linux tells. */
function vectorWidth(): string {
  try {
    const flags = readFileSync('/proc/cpuinfo', 'utf8');
    return / avx512f /.test(flags) ? ' with AVX-512' : / avx2 /.test(flags) ? ' with AVX2' : '';
  } catch {
    return '';
  }
}

/** Measured in turn, alone and all at once, so that both see the same noise. */
export async function measurePeak(threads: number, build: string | undefined, clock: ClockName): Promise<Peak> {
  const processes = Array.from({ length: threads }, (_, i) => new Contender(`peak ${i}`, ours(1, build)));
  try {
    const gflops = async (contenders: readonly Contender[]): Promise<number> => {
      const replies = await Promise.all(
        contenders.map((contender) => contender.peak({ iterations: PEAK_ITERATIONS, clock })),
      );
      return replies.reduce((sum, reply) => sum + reply.gflops, 0);
    };
    await gflops(processes);
    const [one, all]: [number[], number[]] = [[], []];
    for (let repeat = 0; repeat < PEAK_REPEATS; repeat++) {
      one.push(await gflops(processes.slice(0, 1)));
      if (threads > 1) all.push(await gflops(processes));
    }
    return { one: Math.max(...one), all: Math.max(...(threads > 1 ? all : one)) };
  } finally {
    for (const contender of processes) contender.stop();
  }
}

/** Milliseconds of `init()` from `dist/` in a fresh process, median; the file is in the system's cache. */
export async function measureInit(threads: number, build: string | undefined): Promise<number> {
  const script = fileURLToPath(new URL('peers/startup.ts', import.meta.url));
  const times: number[] = [];
  for (let repeat = 0; repeat < INIT_REPEATS; repeat++) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, engineOptions(threads, build)]);
    times.push(Number(stdout));
  }
  return median(times);
}

export interface WasmFile {
  name: string;
  bytes: number;
  gzip: number;
}

/** The builds of the kernels that are there. */
export function wasmFiles(): WasmFile[] {
  const folder = new URL('../../ts/entrypoints/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => {
      const file = readFileSync(new URL(name, folder));
      return { name, bytes: file.length, gzip: gzipSync(file, { level: 9 }).length };
    });
}
