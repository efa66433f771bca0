import { parseArgs } from 'node:util';
import type { EngineOptions } from '../../ts/entrypoints/node.ts';

/** Builds and numbers of threads that the files run on, unless told otherwise: each with each. */
const DEFAULTS = { build: ['simd', 'relaxed'], threads: ['1', '2'] };

/**
 * The engines of the command line: `--build simd --build relaxed --threads 1 --threads 2`, each build with each number of
 * threads. What is no such option, build or number is refused here or by the library.
 */
export function enginesOf(args: readonly string[]): Required<EngineOptions>[] {
  const option = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({ args: [...args], options: { build: option, threads: option } });
  const { build, threads } = { ...DEFAULTS, ...values };
  return build.flatMap((name) =>
    threads.map((count) => ({ build: name, threads: Number(count) }) as Required<EngineOptions>),
  );
}

/** As lines name it. */
export function engineName({ build, threads }: Required<EngineOptions>): string {
  return threads === 1 ? build : `${build} with ${threads} threads`;
}
