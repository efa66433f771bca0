import { layers, sequential, sgd, type NDArray } from 'fourlane';
import { Matrix } from 'ml-matrix';
import { gramEigenvalues, leastSquaresLoss, rowsWithOne } from '../linearAlgebra.ts';
import { hiddenOfSmallNetwork } from './outputConvexity.ts';
import type { Statement } from './statement.ts';

/** Rates that are tried, as multiples of 1 / lambda_max. */
const FACTORS = [1.9, 1.99, 2.01, 2.1];
const STEPS = 1000;
/** A loss so many times that of the start will not come back. */
const DIVERGED = 1e6;

/** Descent in the output weights at one rate. */
export interface Descent {
  /** Rate times lambda_max. */
  factor: number;
  /** Steps until it diverged, or all of them. */
  steps: number;
  /** Loss at the end above the least there is, as a part of that at the start. */
  excess: number;
  diverged: boolean;
}

export interface StepLimit {
  samples: number;
  /** Weights and bias of one output. */
  weights: number;
  /** Eigenvalues of the Hessian that are more than rounding. */
  rank: number;
  largest: number;
  smallest: number;
  descents: Descent[];
}

/** Descends in the output layer of `hidden`, `[N, inputs]`, alone, from zero weights. */
export function measureStepLimit(hidden: NDArray, y: NDArray): StepLimit {
  const rows = rowsWithOne(hidden);
  const classes = y.shape[1]!;
  const targets = Matrix.from1DArray(rows.rows, classes, Array.from(y.data));
  const values = gramEigenvalues(rows);
  const least = leastSquaresLoss(rows, targets);
  const largest = values[0]!;
  return {
    samples: rows.rows,
    weights: rows.columns,
    rank: values.filter((value) => value > 1e-10 * largest).length,
    largest,
    smallest: values.length < rows.columns ? 0 : Math.max(0, values.at(-1)!),
    descents: FACTORS.map((factor) => descend(hidden, y, factor, largest, least)),
  };
}

function descend(hidden: NDArray, y: NDArray, factor: number, largest: number, least: number): Descent {
  const zeros = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  const dense = layers.dense({ name: 'out', units: y.shape[1]!, ...zeros });
  const head = sequential([layers.input({ shape: [hidden.shape[1]!] }), dense]);
  head.compile({ loss: 'halfSquaredError', optimizer: sgd({ learningRate: factor / largest }) });
  const step = () => head.trainOnBatch(hidden, y, { stopOnNonFiniteLoss: false }).loss!;
  const start = step();
  let [loss, steps] = [start, 1];
  while (steps < STEPS && loss < DIVERGED * start) {
    loss = step();
    steps++;
  }
  head.dispose();
  return { factor, steps, excess: (loss - least) / (start - least), diverged: !(loss < start) };
}

/** Gradient descent in the output weights converges for rates below 2 / lambda_max, and for no others. */
export const stepLimit: Statement<StepLimit> = {
  title: 'Descent in the output weights converges for rates below 2 / lambda_max',
  claim:
    'Follows from eq. 4 for an identity output: the Hessian is the same everywhere, so its largest eigenvalue lambda_max ' +
    'bounds the rate eta.',
  measure() {
    const { hidden, y } = hiddenOfSmallNetwork(1);
    return measureStepLimit(hidden, y);
  },
  judge({ samples, weights, rank, largest, smallest, descents }) {
    const holds = descents.every(({ factor, diverged }) => diverged === factor > 2);
    const list = descents.map(({ factor, steps, excess, diverged }) =>
      diverged
        ? `${factor} / lambda_max diverges (${steps} steps)`
        : `${factor} / lambda_max converges (${excess.toExponential(1)} of the way is left after ${steps} steps)`,
    );
    const spectrum =
      `${samples} samples, ${weights} weights and bias per output: ${rank} eigenvalues above 0, lambda_max ` +
      `${largest.toPrecision(6)}, the smallest ${smallest === 0 ? '0' : smallest.toPrecision(3)}`;
    return { holds, says: `${spectrum}. ${list.join('; ')}.` };
  },
};
