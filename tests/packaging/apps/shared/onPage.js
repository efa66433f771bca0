// What every app with a page does: it trains on the page's own thread, and off it.
import { makeModel, tenSteps } from './tenSteps.js';

/**
 * Ten steps on this thread and, where there is `createTrainer`, ten on two threads of a trainer.
 * @param {Pick<typeof import('fourlane'), 'init' | 'layers' | 'sequential' | 'sgd'>} library
 * @param {typeof import('fourlane/worker').createTrainer} [createTrainer]
 */
export async function train(library, createTrainer) {
  // The build with the same bits everywhere.
  const engine = await library.init({ build: 'simd', threads: 1 });
  const model = makeModel(library);
  let onTrainer;
  if (createTrainer !== undefined) {
    const trainer = await createTrainer(model, { build: 'simd', threads: 2 });
    onTrainer = { threads: trainer.engine.threads, losses: await tenSteps(trainer) };
    trainer.dispose();
  }
  const onPage = { threads: engine.threads, losses: await tenSteps(model) };
  model.dispose();
  return { onPage, onTrainer };
}

/** Shows what came of it, to people and to the test. */
export async function show(training) {
  const report = await training.catch((error) => ({ failure: `${error.name}: ${error.message}` }));
  const text = report.failure ?? `Trained: the loss fell to ${report.onPage.losses.at(-1).toFixed(4)}.`;
  document.querySelector('#result').textContent = text;
  globalThis.report = report;
}
