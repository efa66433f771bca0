import { beforeAll, describe, expect, it } from 'vitest';
import {
  earlyStopping,
  init,
  OptionError,
  type Callback,
  type EarlyStoppingOptions,
} from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { linearModel, smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

/** How many of the epochs with these numbers are run. */
async function epochsOf(options: EarlyStoppingOptions, values: readonly number[], name = 'loss'): Promise<number> {
  const callback: Callback = earlyStopping(options);
  const model = { stopTraining: false };
  callback.setModel!(model as never);
  await callback.onTrainBegin?.();
  let epochs = 0;
  for (const value of values) {
    await callback.onEpochEnd!(epochs++, { [name]: value, samplesPerSecond: 1 });
    if (model.stopTraining) break;
  }
  return epochs;
}

describe('earlyStopping', () => {
  it.each([
    ['a threshold that is reached', { stoppingThreshold: 0.5 }, [1, 0.6, 0.5, 0.4], 3],
    ['one that is not', { stoppingThreshold: 0.1 }, [1, 0.6, 0.5], 3],
    ['NaN, which is no good loss', { stoppingThreshold: 0.5 }, [NaN, 0.4, 0.3], 2],
    ['no patience', { patience: 0 }, [3, 2, 2, 1], 3],
    ['patience that an improvement renews', { patience: 2 }, [3, 4, 2, 2, 2, 1], 5],
    ['improvements that are too small', { patience: 1, minDelta: 0.5 }, [3, 2.75, 2], 2],
    ['both, whichever is first', { patience: 1, stoppingThreshold: 2 }, [3, 3, 1], 2],
    ['more is better', { stoppingThreshold: 5, mode: 'max' as const }, [1, 6, 7], 2],
  ])('%s', async (_, options, values, epochs) => {
    expect(await epochsOf(options, values)).toBe(epochs);
  });

  it('takes more accuracy for better', async () => {
    const options = { monitor: 'val_accuracy', stoppingThreshold: 0.9 };
    expect(await epochsOf(options, [0.5, 0.95, 0.99], 'val_accuracy')).toBe(2);
    expect(await epochsOf({ monitor: 'val_acc', patience: 1 }, [0.5, 0.6, 0.6, 0.7], 'val_acc')).toBe(3);
  });

  it('ends fit at the end of the epoch, as often as it is used', async () => {
    const callback = earlyStopping({ stoppingThreshold: 0.01 });
    for (let run = 0; run < 2; run++) {
      const model = keep(linearModel({ learningRate: 0.25 }));
      const { history } = await model.fit([[1], [2]], [[2], [4]], { epochs: 100, batchSize: 2, callbacks: callback });
      const losses = history.loss!;
      expect(losses.length).toBeLessThan(100);
      expect(losses.at(-1)).toBeLessThanOrEqual(0.01);
      expect(losses.at(-2)).toBeGreaterThan(0.01);
    }
  });

  it('rejects a name that is not among the logs', async () => {
    const { x, y } = smallData(4);
    const callbacks = earlyStopping({ monitor: 'val_loss', patience: 1 });
    await expect(keep(smallModel()).fit(x, y, { callbacks })).rejects.toThrow(
      'earlyStopping: monitor "val_loss" is not among the logs: loss, samplesPerSecond',
    );
  });

  it.each([
    [{}, 'stoppingThreshold and patience are both missing'],
    [{ patience: -1 }, 'patience must be an integer >= 0, got -1'],
    [{ stoppingThreshold: NaN }, 'stoppingThreshold must be a finite number, got NaN'],
    [{ patience: 1, minDelta: -1 }, 'minDelta must be a number in [0, Infinity], got -1'],
    [{ patience: 1, mode: 'less' }, 'mode must be one of'],
    [{ patience: 1, monitor: 3 }, 'monitor must be a name, got 3'],
    [{ threshold: 1 }, 'unknown option threshold'],
  ])('refuses %j', (options: object, message) => {
    const make = (): unknown => earlyStopping(options);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`earlyStopping: ${message}`);
  });
});
