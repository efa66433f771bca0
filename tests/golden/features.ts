/**
 * What the files ask for and the library cannot do yet. A case that needs one of these is skipped; the issue that
 * brings a feature deletes its line here.
 */
const waiting = [
  'channelMode shared',
  'op eq24',
  'update order sequential',
  'update order gauss-seidel',
  'update order block',
] as const;

export type Feature = (typeof waiting)[number];

/** Thrown by a case that needs a feature of a later issue. */
export class Waits extends Error {}

/** Throws {@link Waits} for a feature that is still to come. */
export function need(feature: Feature): void {
  if (waiting.includes(feature)) throw new Waits(`${feature} is skipped until its issue`);
}
