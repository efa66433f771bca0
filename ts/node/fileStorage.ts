import type { Storage } from '../io/storage.ts';

/** Files. What needs Node's modules is loaded when it is first used: some bundlers look into the entry for Node. */
export const fileStorage: Storage = {
  names: 'a path, a file: URL',
  takes: (name) => (typeof name === 'string' ? !/^[a-z]{2,}:\/\//i.test(name) : name.protocol === 'file:'),
  write: async (name, bytes) => (await import('./wholeFiles.ts')).writeWhole(name, bytes),
  read: async (name) => (await import('./wholeFiles.ts')).readWhole(name),
};
