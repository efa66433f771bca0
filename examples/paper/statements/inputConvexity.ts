import { Random } from '../random.ts';
import { SIDE, smallNetwork } from '../problems/synthetic.ts';
import { bulges } from './head.ts';
import { outOf, type Statement } from './statement.ts';

const SEGMENTS = 400;

/** Segments between random pictures on which the loss bulges. */
export interface InputConvexity {
  segments: number;
  bulging: number;
}

function measure(): InputConvexity {
  const random = new Random(13);
  const model = smallNetwork({ seed: 3, activation3: 'relu' });
  const pixels = SIDE ** 2;
  const ends = [0, 1].map(() => random.normals(SEGMENTS * pixels));
  const middle = ends[0]!.map((pixel, i) => (pixel + ends[1]![i]!) / 2);
  const [start, halfway, end] = [ends[0]!, middle, ends[1]!].map((data) => {
    const { data: outputs, shape } = model.predictOnBatch({ data, shape: [SEGMENTS, SIDE, SIDE, 1] });
    const classes = shape[1]!;
    // The target is class n mod 3, the same all along the segment.
    return Array.from({ length: SEGMENTS }, (_, n) =>
      Array.from({ length: classes }, (_, k) => 0.5 * (+(n % classes === k) - outputs[n * classes + k]!) ** 2).reduce(
        (sum, part) => sum + part,
      ),
    );
  });
  model.dispose();
  const bulging = start!.filter((loss, n) => bulges(loss, halfway![n]!, end![n]!)).length;
  return { segments: SEGMENTS, bulging };
}

/** The loss is convex in X. */
export const inputConvexity: Statement<InputConvexity> = {
  title: 'The loss is convex in the input',
  claim: 'The paper makes convexity of the loss in X a condition of its argument.',
  measure,
  judge: ({ segments, bulging }) => ({
    holds: bulging === 0,
    says:
      `With ReLU, ReLU and identity, on ${outOf(bulging, segments)} segments between random pictures the loss halfway is ` +
      'above the mean of its ends. Training is not concerned: its unknowns are the parameters.',
  }),
};
