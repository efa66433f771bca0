// A training that saves checkpoints, continues from the last one, and may be killed at any moment:
// `node killedRun.ts CHECKPOINT RESULT OPTIMIZER`. Says `training` when it starts, and writes the model to RESULT at its end.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  adam,
  adamw,
  init,
  learningRateScheduler,
  sgd,
  type FitOptions,
  type Optimizer,
  type Sequential,
} from '../../ts/entrypoints/node.ts';
import { smallData, smallModel } from '../support/models.ts';

export const optimizers: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: 0.05 }),
  nesterov: () => sgd({ learningRate: 0.02, momentum: 0.9, nesterov: true }),
  adam: () => adam({ learningRate: 0.01 }),
  adamw: () => adamw({ learningRate: 0.01 }),
};

/** The whole training: 300 steps, a checkpoint every other one. */
export async function trainAll(optimizer: string, options: FitOptions): Promise<Sequential> {
  await init({ build: 'simd', threads: 1 });
  const model = smallModel();
  model.compile({ optimizer: optimizers[optimizer]!(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { x, y } = smallData(46);
  const scheduler = learningRateScheduler((_, rate) => rate * 0.98);
  const callbacks = [scheduler, ...((options.callbacks ?? []) as [])];
  await model.fit(x, y, { batchSize: 8, epochs: 50, validationSplit: 0.1, ...options, callbacks });
  return model;
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [target, result, optimizer] = process.argv.slice(2) as [string, string, string];
  const started = { onTrainBegin: () => void process.stdout.write('training') };
  const model = await trainAll(optimizer, {
    checkpoint: { target, everySteps: 2 },
    ...(existsSync(target) ? { resumeFrom: target } : {}),
    callbacks: [started],
  });
  await model.save(result);
}
