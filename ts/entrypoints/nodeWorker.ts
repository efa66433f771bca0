import type { EngineOptions } from '../engine/engineOptions.ts';
import type { Sequential } from '../model/sequential.ts';
import type { TrainerThread } from '../worker/link.ts';
import { nodeEndpoint } from '../worker/nodeEndpoint.ts';
import { makeTrainer, type Trainer } from '../worker/trainer.ts';

export type { Trainer, TrainerFitOptions, TransferOptions } from '../worker/trainer.ts';

async function startThread(onEnd: (reason: string) => void): Promise<TrainerThread> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(new URL('./nodeTrainerWorker.js', import.meta.url), { execArgv: [] });
  worker.on('error', (error: Error) => onEnd(error.message));
  worker.on('exit', (code) => onEnd(`exit code ${code}`));
  return {
    endpoint: nodeEndpoint(worker),
    terminate: () => void worker.terminate(),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
  };
}

/**
 * Takes a model to a thread of its own, where it is trained, with helpers of its own, while this one stays responsive. The
 * model here stays as it is; it needs no `init()`. `options` are those of `init` there. The thread keeps the process
 * alive only while a call is pending. Rejects with a StateError when it cannot be started, and as `init` does.
 */
export function createTrainer(model: Sequential, options: EngineOptions = {}): Promise<Trainer> {
  return makeTrainer(startThread, model, options);
}
