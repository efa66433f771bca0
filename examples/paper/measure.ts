import { cpus } from 'node:os';
import { init } from 'fourlane';
import { seedThreeLayer } from 'fourlane/presets';
import { loadDigits } from '../digits/loadDigits.ts';
import { compare } from './experiment/compare.ts';
import { summarize } from './experiment/summary.ts';
import { costsOf } from './experiment/work.ts';
import type { Options } from './options.ts';
import { comparisons } from './plan.ts';
import { digitsProblem } from './problems/digits.ts';
import type { Problem } from './problems/problem.ts';
import type { Progress } from './progress.ts';
import type { Results } from './report/results.ts';
import { measureStatements, statements } from './statements/index.ts';
import { measureStepLimit, type StepLimit } from './statements/stepLimit.ts';

/** Split of the package's digits into those to draw from and those to test with. */
const SPLIT_SEED = 1;

/** Height and width of the three-layer network's input. */
const SIDE = 24;

/** The step limit of the paper's output layer behind random weights, on the digits of the seed that rates are tuned on. */
function stepLimitOfDigits(problem: Problem, seed: number): StepLimit {
  const { model, batch } = problem.task(seed);
  model.compile({ loss: 'halfSquaredError', optimizer: 'sgd' });
  const { x, y } = batch(0);
  const hidden = model.inspect({ x, y }).layers.fc1!.z!;
  model.dispose();
  return measureStepLimit(hidden, y);
}

/** Measures everything; the same numbers every time but for times. */
export async function measure({ quick, data }: Options, progress: Progress): Promise<Results> {
  const before = process.cpuUsage();
  // One build and one thread: results hang on the order of sums, which differs between builds.
  await init({ build: 'simd', threads: 1 });
  const digits = await loadDigits(data, SPLIT_SEED, SIDE);
  const paperCosts = costsOf(seedThreeLayer().layers);

  let part = 1;
  const all = Object.keys(statements).length + 1;
  let done = 0;
  progress.start('statements', part, 4, all);
  const measured = measureStatements((title) => progress.update(title, ++done));
  const digitsStepLimit = stepLimitOfDigits(digitsProblem(digits), 101);
  progress.update('step limit on digits', all);
  progress.stop();

  const results = comparisons(quick, digits, digitsStepLimit.largest, paperCosts).map((comparison) => {
    const { problem, methods, seeds } = comparison;
    progress.start(problem.name, ++part, 4, methods.length * seeds.length);
    let runs = 0;
    const found = compare(comparison, (what, counts) => progress.update(what, counts ? ++runs : runs));
    progress.stop();
    return summarize(comparison, found);
  });

  const { user, system } = process.cpuUsage(before);
  return {
    quick,
    digits: data === undefined ? digits.source : 'MNIST',
    statements: measured,
    digitsStepLimit,
    comparisons: results,
    machine: { name: `${cpus()[0]?.model.trim()}, Node ${process.version}`, cpuSeconds: (user + system) / 1e6 },
  };
}
