import { createStore, get, set, type UseStore } from 'idb-keyval';
import type { Storage } from './storage.ts';

const SCHEME = 'indexeddb://';

let opened: UseStore | undefined;
const store = (): UseStore => (opened ??= createStore('fourlane', 'models'));

/** `indexeddb://name`: an entry of the database `fourlane`. A write is one transaction, so it is there whole or not at all. */
export const indexedDbStorage: Storage = {
  names: '"indexeddb://name"',
  takes: (name) => String(name).startsWith(SCHEME) && String(name).length > SCHEME.length,
  write: (name, bytes) => set(keyOf(name), bytes, store()),
  read: (name) => get<Uint8Array>(keyOf(name), store()),
};

function keyOf(name: string | URL): string {
  return String(name).slice(SCHEME.length);
}
