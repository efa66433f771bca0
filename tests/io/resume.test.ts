import { beforeAll, describe, expect, it } from 'vitest';
import {
  adam,
  createEngine,
  fromArrays,
  init,
  learningRateScheduler,
  OptionError,
  sgd,
  StateError,
  DataError,
  type FitOptions,
  type Optimizer,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { decodeSavedModel } from '../../ts/io/savedModel.ts';
import { expectSameBits, flat } from '../support/compare.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

beforeAll(() => init());
const keep = disposeAfterEach();

const { x, y } = smallData(22);
/** Steps of an epoch: 6, the last with 2 samples. */
const OPTIONS = { batchSize: 4, epochs: 3, validationData: [x, y] } as const satisfies FitOptions;

function model(optimizer: Optimizer = adam({ learningRate: 0.02 })): Sequential {
  const made = keep(smallModel());
  made.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return made;
}

/** All checkpoints of a fit, and what it came to. */
async function straight(options: FitOptions = {}) {
  const checkpoints: Uint8Array[] = [];
  const trained = model();
  const target = (bytes: Uint8Array): void => void checkpoints.push(bytes);
  const history = await trained.fit(x, y, { ...OPTIONS, ...options, checkpoint: { target, everySteps: 1 } });
  return { checkpoints, history, weights: flat(trained.getWeights()), saved: await trained.save() };
}

describe.each<[string, FitOptions]>([
  ['shuffled', {}],
  ['in order, with another seed', { shuffle: false, seed: 9 }],
  ['with a part held out', { validationData: undefined, validationSplit: 0.3 } as unknown as FitOptions],
])('fit, %s', (_, options) => {
  it('continues from every step as if it had never stopped', async () => {
    const { checkpoints, history, weights } = await straight(options);
    expect(checkpoints.length).toBe(3 * Math.ceil((options.validationSplit ? 15 : 22) / 4));
    for (const [step, resumeFrom] of checkpoints.entries()) {
      const resumed = model();
      const { samplesPerSecond, ...rest } = await resumed.fit(x, y, { ...OPTIONS, ...options, resumeFrom });
      expectSameBits(`weights from step ${step}`, flat(resumed.getWeights()), weights);
      expect(rest).toEqual({ epoch: history.epoch, history: history.history, engine: history.engine });
      expect(samplesPerSecond).toHaveLength(3);
    }
  });
});

it('checkpoints come every so many steps over all epochs, and by default after each epoch', async () => {
  const count = async (everySteps?: number): Promise<number> => {
    let written = 0;
    const target = (): void => void written++;
    await model().fit(x, y, { ...OPTIONS, checkpoint: everySteps === undefined ? { target } : { target, everySteps } });
    return written;
  };
  expect([await count(4), await count(7), await count(100), await count()]).toEqual([4, 2, 0, 3]);
});

it('what a resumed fit writes are the checkpoints of the straight one', async () => {
  const content = (bytes: Uint8Array) => {
    const { training, ...rest } = decodeSavedModel('checkpoint', bytes);
    // The only part that a clock decides.
    return { ...rest, training: { ...training!, history: { ...training!.history, samplesPerSecond: [] } } };
  };
  const { checkpoints } = await straight();
  const again: Uint8Array[] = [];
  const checkpoint = { target: (bytes: Uint8Array): void => void again.push(bytes), everySteps: 1 };
  await model().fit(x, y, { ...OPTIONS, checkpoint, resumeFrom: checkpoints[4]! });
  expect(again.map(content)).toEqual(checkpoints.slice(5).map(content));
});

it('a rate that callbacks change is as it was', async () => {
  const scheduler = (): FitOptions => ({ callbacks: learningRateScheduler((_, rate) => rate / 2) });
  const { checkpoints, weights } = await straight(scheduler());
  for (const resumeFrom of [checkpoints[2]!, checkpoints[5]!, checkpoints[9]!]) {
    const resumed = model();
    await resumed.fit(x, y, { ...OPTIONS, ...scheduler(), resumeFrom });
    expectSameBits('weights', flat(resumed.getWeights()), weights);
  }
});

it('a model saved by a callback can be continued, within an epoch and at its end', async () => {
  const { weights } = await straight();
  const saved: Promise<Uint8Array>[] = [];
  const saving = model();
  const save = (): void => void saved.push(saving.save());
  await saving.fit(x, y, { ...OPTIONS, callbacks: { onBatchEnd: save, onEpochEnd: save, onBatchBegin: save } });
  expect(saved).toHaveLength(3 * 13);
  for (const bytes of saved) {
    const resumed = model();
    await resumed.fit(x, y, { ...OPTIONS, resumeFrom: await bytes });
    expectSameBits('weights', flat(resumed.getWeights()), weights);
  }
});

it('a fit that was stopped goes on within its epoch', async () => {
  const { weights, history } = await straight();
  const stopped = model();
  const onBatchEnd = (batch: number): void => void (stopped.stopTraining = batch === 2);
  expect((await stopped.fit(x, y, { ...OPTIONS, callbacks: { onBatchEnd } })).epoch).toEqual([0]);
  const resumed = model();
  const rest = await resumed.fit(x, y, { ...OPTIONS, resumeFrom: await stopped.save() });
  expectSameBits('weights', flat(resumed.getWeights()), weights);
  expect(rest.history).toEqual(history.history);
});

it('one that ended can be given more epochs', async () => {
  const { weights } = await straight();
  const short = model();
  await short.fit(x, y, { ...OPTIONS, epochs: 2 });
  const resumed = model();
  await resumed.fit(x, y, { ...OPTIONS, resumeFrom: await short.save() });
  expectSameBits('weights', flat(resumed.getWeights()), weights);
});

describe('a dataset', () => {
  it('that reads by index needs nothing, one with a state seeks', async () => {
    const { checkpoints, weights } = await straight();
    const seeks: object[] = [];
    const dataset = { ...fromArrays(x, y), seek: (position: object): void => void seeks.push(position) };
    const { validationData, ...options } = OPTIONS;
    void validationData;
    for (const data of [fromArrays(x, y), dataset]) {
      const resumed = model();
      await resumed.fit(data, { ...options, resumeFrom: checkpoints[7]! });
      expectSameBits('weights', flat(resumed.getWeights()), weights);
    }
    expect(seeks).toEqual([{ epoch: 1, step: 2 }]);
  });

  it('that cannot is refused, with the model as it was', async () => {
    const { checkpoints } = await straight();
    const resumed = model();
    const before = await resumed.save();
    const fit = resumed.fit({ ...fromArrays(x, y), seek: false }, { ...OPTIONS, resumeFrom: checkpoints[7]! });
    await expect(fit).rejects.toThrow(
      new OptionError(
        'fit: resumeFrom: this dataset cannot seek (seek is false): what it reads hangs on what it read before',
      ),
    );
    expect(await resumed.save()).toEqual(before);
    await expect(resumed.fit({ ...fromArrays(x, y), seek: 3 as never })).rejects.toThrow(
      new DataError('fit: dataset.seek must be a function or false, got 3'),
    );
  });
});

describe('refuses to resume, with the model as it was,', () => {
  const cases: [string, () => [Sequential, FitOptions], string][] = [
    ['other batches', () => [model(), { batchSize: 5 }], 'batchSize was 4, now it is 5'],
    ['another order', () => [model(), { shuffle: false }], 'shuffle was true, now it is false'],
    ['another seed', () => [model(), { seed: 4 }], 'seed was 3, now it is 4'],
    [
      'fewer samples',
      () => [model(), { validationData: undefined, validationSplit: 0.5 } as unknown as FitOptions],
      'samples was 22, now it is 11',
    ],
    ['another optimizer', () => [model(sgd()), {}], 'optimizer was {"name":"adam",'],
    ['other options of it', () => [model(adam({ beta1: 0.5 })), {}], 'optimizer was {"name":"adam",'],
  ];
  it.each(cases)('%s', async (_, make, message) => {
    const { checkpoints } = await straight();
    const [resumed, options] = make();
    const before = await resumed.save();
    const fit = resumed.fit(x, y, { ...OPTIONS, ...options, resumeFrom: checkpoints[3]! });
    const error: unknown = await fit.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toContain(`fit: resumeFrom: Uint8Array: ${message}`);
    expect(await resumed.save()).toEqual(before);
  });

  it('what another build made', async () => {
    const { checkpoints } = await straight();
    const build = (await init()).build === 'simd' ? 'relaxed' : 'simd';
    const engine = keep(await createEngine({ build, threads: 1 }));
    const other = smallModel({ engine });
    other.compile({
      optimizer: adam({ learningRate: 0.02 }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    });
    const fit = other.fit(x, y, { ...OPTIONS, resumeFrom: checkpoints[3]! });
    await expect(fit).rejects.toThrow(StateError);
    await expect(fit).rejects.toThrow(/made by build .* this engine is .* use loadModel to go on all the same/);
  });

  it('a model that was saved outside of fit', async () => {
    const fit = model().fit(x, y, { ...OPTIONS, resumeFrom: await model().save() });
    await expect(fit).rejects.toThrow(
      new DataError('fit: resumeFrom: Uint8Array: the model was saved outside of fit; there is nothing to resume'),
    );
  });
});

it('a checkpoint that cannot be written ends fit with the reason', async () => {
  const target = (): void => {
    throw new RangeError('full');
  };
  await expect(model().fit(x, y, { ...OPTIONS, checkpoint: { target } })).rejects.toThrow(new RangeError('full'));
  const missing = model().fit(x, y, { ...OPTIONS, checkpoint: { target: '/no/such/folder/model' } });
  await expect(missing).rejects.toThrow(/^fit: checkpoint: \/no\/such\/folder\/model cannot be written: ENOENT/);
  const wrong = model().fit(x, y, { ...OPTIONS, checkpoint: { target: 7 as never } });
  await expect(wrong).rejects.toThrow(OptionError);
});
