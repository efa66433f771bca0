import { beforeAll, expect, it } from 'vitest';
import { init, losses, OptionError, sgd, type Sequential } from '../../ts/entrypoints/node.ts';
import { expectClose } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel } from '../support/models.ts';
import { randomArray } from '../support/numbers.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const [x, y] = [randomArray([6, 1], 1), randomArray([6, 3], 2)];

function trained(reduction: 'sum' | 'mean', learningRate: number): { model: Sequential; losses: number[] } {
  const model = keep(linearModel({ units: 3 }));
  model.compile({ optimizer: sgd({ learningRate }), loss: losses.halfSquaredError({ reduction }) });
  return { model, losses: Array.from({ length: 5 }, () => model.trainOnBatch(x, y).loss!) };
}

it('the mean over the samples trains as the sum does at a rate divided by their number', async () => {
  const [sum, mean] = [trained('sum', 0.1), trained('mean', 0.6)];
  const scaled = sum.losses.map((loss) => loss / 6);
  expectClose('losses', mean.losses, scaled, 1e-6);
  expectClose('weights', mean.model.getWeights()[0]!.data, sum.model.getWeights()[0]!.data, 1e-6);
  const { loss } = await mean.model.evaluate(x, y, { batchSize: 4 });
  expectClose('evaluate', [loss!], [(await sum.model.evaluate(x, y)).loss! / 6], 1e-6);
  expect(mean.model.inspect({ x, y }).loss).toBeCloseTo(loss!, 6);
});

it('another reduction is refused', () => {
  expect(() => losses.halfSquaredError({ reduction: 'none' as never })).toThrow(OptionError);
});
