import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../package.json', import.meta.url));

/**
 * A package of the benchmark, by what is used of it: the packages need not be installed for the project's own types to
 * be checked. CommonJS modules come as their exports.
 */
export async function importPeer<T>(name: string): Promise<T> {
  const module = (await import(pathToFileURL(require.resolve(name)).href)) as { default?: T };
  return { ...(module.default ?? ({} as T)), ...(module as T) };
}
