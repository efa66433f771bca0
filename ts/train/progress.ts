import { consoleLogger, type Callback } from './callbacks.ts';

let makeProgress: () => Callback = consoleLogger;

/**
 * Sets what `verbose: 1` adds to the callbacks of every later `fit`; a line per epoch unless set. Called by `init` of an
 * environment that has better, not by its entry when imported: importing the library does nothing by itself.
 */
export function setProgressCallback(make: () => Callback): void {
  makeProgress = make;
}

/** The callback for a level of `verbose` above 0; `2` is a line per epoch everywhere. */
export function verboseCallback(verbose: 1 | 2): Callback {
  return verbose === 1 ? makeProgress() : consoleLogger();
}
