import { StateError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { EngineChoice } from './engineOptions.ts';

/** What the first `init` made, per realm and copy of the library. */
interface DefaultEngine {
  choice: EngineChoice;
  engine: Promise<Engine>;
  ready?: Engine;
}

let current: DefaultEngine | undefined;

/** The default engine or the promise of it; none when it was never made, was disposed or has trapped. */
export function currentDefault(): DefaultEngine | undefined {
  if (current?.ready !== undefined && current.ready.state !== 'live') current = undefined;
  return current;
}

/** Keeps what `init` makes. Forgotten when it fails, so that `init` can be called again. */
export function setDefault(choice: EngineChoice, engine: Promise<Engine>): void {
  const made: DefaultEngine = { choice, engine };
  current = made;
  engine.then(
    (ready) => (made.ready = ready),
    () => {
      if (current === made) current = undefined;
    },
  );
}

/** The default engine, where it is there. */
export function defaultEngineIfReady(): Engine | undefined {
  return currentDefault()?.ready;
}

/** The default engine, for those who cannot wait. Throws a StateError when there is none. */
export function defaultEngine(): Engine {
  const ready = defaultEngineIfReady();
  if (ready === undefined) throw new StateError('kernels not loaded: await init() first');
  return ready;
}
