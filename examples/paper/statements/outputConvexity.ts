import { type NDArray } from 'fourlane';
import { oneHot } from 'fourlane/data';
import type { Matrix } from 'ml-matrix';
import { eigenvalues, outputHessian, rowsWithOne } from '../linearAlgebra.ts';
import { noisyPatterns, smallNetwork } from '../problems/synthetic.ts';
import { Random } from '../random.ts';
import { makeHead, setRandomWeights } from './head.ts';
import { outOf, type Statement } from './statement.ts';

const POINTS = 300;
/** An eigenvalue counts as negative below this part of the largest: float64 rounds a thousand times finer. */
const NEGATIVE = 1e-9;

/** f4 with its first two derivatives, as functions of `u`. */
const outputs = {
  linear: [(u: number) => u, () => 1, () => 0],
  sigmoid: [
    sigmoid,
    (u: number) => sigmoid(u) * (1 - sigmoid(u)),
    (u: number) => sigmoid(u) * (1 - sigmoid(u)) * (1 - 2 * sigmoid(u)),
  ],
  tanh: [Math.tanh, (u: number) => 1 - Math.tanh(u) ** 2, (u: number) => -2 * Math.tanh(u) * (1 - Math.tanh(u) ** 2)],
} as const;

export type CurvedOutput = keyof typeof outputs;

function sigmoid(u: number): number {
  return 1 / (1 + Math.exp(-u));
}

/** Of one f4. */
export interface OutputConvexity {
  output: CurvedOutput;
  /** Points in the space of the output weights. */
  points: number;
  /** Points where the Hessian has a negative eigenvalue. */
  negative: number;
  /** Smallest eigenvalue as a part of the largest in size, the least of all points. */
  smallest: number;
}

/** Second derivative of the loss of one sample in one `u`: `f4'^2 - (y - f4) f4''`. Source: MODEL section 7. */
export function curvature(output: CurvedOutput, u: number, y: number): number {
  const [value, first, second] = outputs[output];
  return first(u) ** 2 - (y - value(u)) * second(u);
}

/** V and class vectors of the small network's samples. */
export function hiddenOfSmallNetwork(seed: number): { hidden: NDArray<Float32Array>; y: NDArray<Float32Array> } {
  const { train } = noisyPatterns(seed);
  const model = smallNetwork({ seed });
  const y = oneHot(train.labels, 3);
  model.compile({ loss: 'halfSquaredError', optimizer: 'sgd' });
  const hidden = model.inspect({ x: train.images, y }).layers.fc1!.z!;
  model.dispose();
  return { hidden, y };
}

/** The eigenvalues of each output's Hessian, `[outputs][weights + 1]`, at the weights that the head has. */
function eigenvaluesAt(output: CurvedOutput, rows: Matrix, u: NDArray, y: NDArray): number[][] {
  const classes = y.shape[1]!;
  return Array.from({ length: classes }, (_, k) => {
    const curvatures = Array.from({ length: rows.rows }, (_, n) =>
      curvature(output, u.data[n * classes + k]!, y.data[n * classes + k]!),
    );
    return eigenvalues(outputHessian(rows, curvatures));
  });
}

function measureOutput(output: CurvedOutput): OutputConvexity {
  const random = new Random(7);
  const { hidden, y } = hiddenOfSmallNetwork(1);
  const rows = rowsWithOne(hidden);
  // Without its activation: what is wanted is `u`.
  const head = makeHead(hidden.shape[1]!, y.shape[1]!, 'linear');
  const smallest = Array.from({ length: POINTS }, () => {
    setRandomWeights(head, random, 1);
    const all = eigenvaluesAt(output, rows, head.predictOnBatch(hidden), y);
    return Math.min(...all.map((values) => values[0]! / Math.max(...values.map(Math.abs))));
  });
  head.dispose();
  return {
    output,
    points: POINTS,
    negative: smallest.filter((value) => value < -NEGATIVE).length,
    smallest: Math.min(...smallest),
  };
}

/** The loss is convex in the output weights. */
export const outputConvexity: Statement<OutputConvexity[]> = {
  title: 'The loss is convex in the output weights',
  claim: 'With V held fixed, the loss is a convex function of the weights and biases of the output layer (eq. 4).',
  measure: () => (['linear', 'sigmoid', 'tanh'] as const).map(measureOutput),
  judge(numbers) {
    const says = numbers.map(
      ({ output, points, negative, smallest }) =>
        `${output === 'linear' ? 'identity' : output}: the Hessian has a negative eigenvalue at ${outOf(negative, points)} ` +
        `random points (the smallest is ${smallest.toExponential(1)} of the largest)`,
    );
    const convex = numbers.filter(({ negative }) => negative === 0).map(({ output }) => output);
    const holds = convex.length === numbers.length;
    const where = convex.length === 0 ? 'for no output' : `only for ${convex.join(', ').replace('linear', 'identity')}`;
    return { holds, says: `${says.join('; ')}. Convex ${holds ? 'for every output measured' : where}.` };
  },
};
