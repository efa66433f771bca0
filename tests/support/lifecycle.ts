import { afterEach } from 'vitest';

/** Something with memory to give back. */
interface Disposable {
  dispose(): void;
}

/** Returns a function that passes through what it is given, and disposes of it after the test. */
export function disposeAfterEach(): <T extends Disposable>(made: T) => T {
  const kept: Disposable[] = [];
  afterEach(() => kept.splice(0).forEach((each) => each.dispose()));
  return (made) => {
    kept.push(made);
    return made;
  };
}
