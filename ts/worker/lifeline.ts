// Browsers do not say when a worker is gone, but they free the locks that it held. Without TLS there are no locks, and
// only a program that cannot be loaded, or throws, is heard of.

/** The part of the Web Locks API in use. */
type Locks = { request(name: string, hold: () => Promise<void>): Promise<unknown> } | undefined;

const locks = (): Locks => (navigator as unknown as { locks: Locks }).locks;

/** In the worker: held for the rest of its life. Resolves when it is. */
export function holdLifeline(name: string): Promise<void> {
  return new Promise((resolve) => {
    if (locks() === undefined) return resolve();
    void locks()!.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
  });
}

/** In the page, once it is held there: calls `onEnd` when the worker is gone. */
export function watchLifeline(name: string, onEnd: () => void): void {
  locks()
    ?.request(name, () => Promise.resolve(onEnd()))
    .catch(() => {});
}

/** A name that no other tab uses. */
export function lifelineName(): string {
  const id = 'randomUUID' in crypto ? crypto.randomUUID() : String(performance.timeOrigin + performance.now());
  return `fourlane-trainer-${id}`;
}
