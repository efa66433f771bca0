import { sgd } from 'fourlane';
import { oneHot } from 'fourlane/data';
import { noisyPatterns, smallNetwork } from '../problems/synthetic.ts';
import { between, bulges, lossOf } from './head.ts';
import type { Statement } from './statement.ts';

const STEPS = 3000;
const RATE = 0.0002;

/** Losses on a segment between two points that compute the same function. */
export interface ParameterConvexity {
  trained: number;
  /** With the signs of Wt, bt and Wb turned. */
  turned: number;
  halfway: number;
}

function measure(): ParameterConvexity {
  const linear = 'linear';
  const model = smallNetwork({ seed: 5, activation1: linear, activation3: linear, activation4: linear });
  const { train } = noisyPatterns(5);
  const [x, y] = [train.images, oneHot(train.labels, 3)];
  model.compile({ loss: 'halfSquaredError', optimizer: sgd({ learningRate: RATE }) });
  for (let step = 0; step < STEPS; step++) model.trainOnBatch(x, y);
  const trained = model.getWeights();
  const [conv, convBias, fc, fcBias, out, outBias] = trained.map(({ data, shape }) => ({ data: data.slice(), shape }));
  for (const { data } of [fc!, fcBias!, out!]) data.forEach((weight, i) => (data[i] = -weight));
  const turned = [conv!, convBias!, fc!, fcBias!, out!, outBias!];
  const [start, halfway, end] = [trained, between(trained, turned, 0.5), turned].map((weights) => {
    model.setWeights(weights);
    return lossOf(model, x, y);
  });
  model.dispose();
  return { trained: start!, turned: end!, halfway: halfway! };
}

/** The loss is not convex in all parameters together, even where every activation is the identity. */
export const parameterConvexity: Statement<ParameterConvexity> = {
  title: 'The loss is not convex in all parameters together',
  claim: 'Convexity in one layer does not carry over to all of them, even with identity activations throughout.',
  measure,
  judge({ trained, turned, halfway }) {
    const numbers = [trained, turned, halfway].map((loss) => loss.toPrecision(3));
    return {
      holds: bulges(trained, halfway, turned),
      says:
        `A trained network has loss ${numbers[0]}, the same one with the signs of Wt, bt and Wb turned ${numbers[1]}, ` +
        `the one halfway between them ${numbers[2]}.`,
    };
  },
};
