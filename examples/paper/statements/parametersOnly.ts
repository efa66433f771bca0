import { sgd } from 'fourlane';
import { oneHot } from 'fourlane/data';
import { noisyPatterns, smallNetwork } from '../problems/synthetic.ts';
import { lossOf } from './head.ts';
import type { Statement } from './statement.ts';

const STEPS = 100;

export interface ParametersOnly {
  start: number;
  end: number;
  /** With the first parameters put back. */
  restored: number;
  /** Whether X and Y are still the same bits. */
  dataUnchanged: boolean;
}

function measure(): ParametersOnly {
  const { train } = noisyPatterns(2);
  const [x, y] = [train.images, oneHot(train.labels, 3)];
  const before = [x.data.slice(), y.data.slice()];
  const model = smallNetwork({ seed: 2 });
  model.compile({ loss: 'halfSquaredError', optimizer: sgd({ learningRate: 0.0005 }) });
  const first = model.getWeights();
  const start = lossOf(model, x, y);
  for (let step = 0; step < STEPS; step++) model.trainOnBatch(x, y);
  const end = lossOf(model, x, y);
  model.setWeights(first);
  const restored = lossOf(model, x, y);
  model.dispose();
  const dataUnchanged = [x.data, y.data].every((data, i) => data.every((value, at) => value === before[i]![at]));
  return { start, end, restored, dataUnchanged };
}

/** Quality is adjusted through the parameters only. */
export const parametersOnly: Statement<ParametersOnly> = {
  title: 'Quality is adjusted through the parameters only',
  claim: 'Once sizes and activations are fixed, X and Y are constants of training; only parameters change the loss.',
  measure,
  judge: ({ start, end, restored, dataUnchanged }) => ({
    holds: dataUnchanged && end !== start && restored === start,
    says:
      `${STEPS} steps take the loss from ${start.toPrecision(4)} to ${end.toPrecision(4)} and ` +
      `${dataUnchanged ? 'leave X and Y as they were' : 'change X or Y'}; with the first parameters put back it is ` +
      `${restored === start ? 'the first loss, bit for bit' : restored.toPrecision(4)}.`,
  }),
};
