import { Random } from '../random.ts';
import { between, bulges, lossOf, makeHead, setRandomWeights } from './head.ts';
import { hiddenOfSmallNetwork } from './outputConvexity.ts';
import { outOf, type Statement } from './statement.ts';

const SEGMENTS = 400;
/** Few, so that a kink of one sample shows in the sum. */
const SAMPLES = 4;

/** Random segments in the space of the output weights on which the loss bulges, of a ReLU output. */
export interface ReluOutput {
  segments: number;
  /** With class vectors as targets. */
  positive: number;
  /** With their negatives: no target is above 0. */
  nonPositive: number;
}

function bulging(sign: 1 | -1): number {
  const random = new Random(11);
  const { hidden, y } = hiddenOfSmallNetwork(1);
  const [inputs, classes] = [hidden.shape[1]!, y.shape[1]!];
  const x = { data: hidden.data.subarray(0, SAMPLES * inputs), shape: [SAMPLES, inputs] };
  const targets = {
    data: y.data.subarray(0, SAMPLES * classes).map((target) => sign * target),
    shape: [SAMPLES, classes],
  };
  const head = makeHead(inputs, classes, 'relu');
  const end = () => {
    setRandomWeights(head, random, 0.3);
    return head.getWeights();
  };
  const lossAt = (weights: ReturnType<typeof end>) => {
    head.setWeights(weights);
    return lossOf(head, x, targets);
  };
  let count = 0;
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const [from, to] = [end(), end()];
    if (bulges(lossAt(from), lossAt(between(from, to, 0.5)), lossAt(to))) count++;
  }
  head.dispose();
  return count;
}

/** The same for ReLU, whose kink no eigenvalue shows. */
export const reluOutput: Statement<ReluOutput> = {
  title: 'The same for a ReLU output',
  claim: 'As above; a ReLU is flat or straight, so what decides is its kink, and that hangs on the targets.',
  measure: () => ({ segments: SEGMENTS, positive: bulging(1), nonPositive: bulging(-1) }),
  judge: ({ segments, positive, nonPositive }) => ({
    holds: positive === 0 && nonPositive === 0,
    says:
      `On ${outOf(positive, segments)} random segments the loss halfway is above the mean of its ends when the targets ` +
      `are class vectors, on ${outOf(nonPositive, segments)} when no target is above 0.`,
  }),
};
