import type { EngineOptions } from '../engine/engineOptions.ts';
import { importingWorker } from '../engine/importingWorker.ts';
import type { Sequential } from '../model/sequential.ts';
import { lifelineName, watchLifeline } from '../worker/lifeline.ts';
import type { TrainerThread } from '../worker/link.ts';
import { makeTrainer, type Trainer } from '../worker/trainer.ts';

export type { Trainer, TrainerFitOptions, TransferOptions } from '../worker/trainer.ts';

function startThread(onEnd: (reason: string) => void): Promise<TrainerThread> {
  const worker = startWorker();
  worker.onerror = ({ message }) => onEnd(message ?? 'trainerWorker.js could not be loaded');
  const name = lifelineName();
  return Promise.resolve({
    endpoint: worker,
    terminate: () => worker.terminate(),
    lifeline: { name, watch: () => watchLifeline(name, () => onEnd('the browser ended it')) },
    hold: () => {},
  });
}

/** Refused where the library comes from another origin, as from a CDN; there a blob of this origin may import it. */
function startWorker(): Worker {
  try {
    // Written like this, in one expression, bundlers find it.
    return new Worker(new URL('./trainerWorker.js', import.meta.url), { type: 'module' });
  } catch {
    // Not written like that: a bundler would copy the program a second time, without what it needs beside it.
    return importingWorker('./trainerWorker.js', import.meta.url);
  }
}

/**
 * Takes a model to a thread of its own, where it is trained with the library's threads where the page allows that, and the
 * page stays responsive. The model here stays as it is; it needs no `init()`. `options` are those of `init` there. Rejects
 * with a StateError when the thread cannot be started, and as `init` does.
 */
export function createTrainer(model: Sequential, options: EngineOptions = {}): Promise<Trainer> {
  return makeTrainer(startThread, model, options, location.href);
}
