import { makeModel, tenSteps } from './tenSteps.js';

/** Ten steps on one thread, on two, and on two of a trainer: what there is, by name. */
export async function everywhere(library, { createTrainer }) {
  const results = {};
  for (const threads of [1, 2]) {
    const engine = await library.createEngine({ build: 'simd', threads });
    results[`threads: ${engine.threads}`] = await tenSteps(makeModel(library, engine));
    engine.dispose();
  }
  const trainer = await createTrainer(makeModel(library), { build: 'simd', threads: 2 });
  results[`trainer, threads: ${trainer.engine.threads}`] = await tenSteps(trainer);
  trainer.dispose();
  return results;
}
