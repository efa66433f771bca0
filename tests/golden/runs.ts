import { parseArgs } from 'node:util';
import type { EngineOptions, Winograd } from '../../ts/entrypoints/node.ts';

/** On what the files run: an engine, and what convolutions may take. */
export interface GoldenRun {
  engine: Required<EngineOptions>;
  winograd: Winograd;
}

/** Each build with each number of threads; each choice of Winograd's algorithms on one thread. */
const DEFAULTS = { build: ['simd', 'relaxed'], threads: ['1', '2'], winograd: ['auto', 'f2', 'false'] };

/**
 * The runs of the command line: `--build simd --build relaxed --threads 1 --threads 2 --winograd f2`, each with each.
 * What is no such option, build or number is refused here or by the library.
 */
export function runsOf(args: readonly string[]): GoldenRun[] {
  const option = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({ args: [...args], options: { build: option, threads: option, winograd: option } });
  const { build, threads, winograd } = { ...DEFAULTS, ...values };
  const runs = build.flatMap((name) =>
    threads.flatMap((count) =>
      winograd.map((choice) => ({
        engine: { build: name, threads: Number(count) } as Required<EngineOptions>,
        winograd: (choice === 'false' ? false : choice) as Winograd,
      })),
    ),
  );
  // More threads change no bits, whatever the algorithm.
  return values.winograd ? runs : runs.filter((run) => run.winograd === 'auto' || run.engine.threads === 1);
}

/** As lines name it. */
export function runName({ engine: { build, threads }, winograd }: GoldenRun): string {
  const parts = [
    build,
    threads === 1 ? '' : ` with ${threads} threads`,
    winograd === 'auto' ? '' : ` winograd ${winograd}`,
  ];
  return parts.join('');
}

/** What convolutions of this run may take: for all models and operations of the cases. */
export const current: { winograd: Winograd } = { winograd: 'auto' };
