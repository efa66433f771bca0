// The package in programs without a page: each version of Node, Bun and Deno.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchBun, fetchDeno, fetchNode, type Runtime } from '../../support/runtimes.ts';
import { knownLosses, makeApp } from './app.ts';
import { run } from './run.ts';

/** The oldest that package.json allows, and the last, of each line. */
const nodeVersions = ['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.21.0', '26.10.0'];

const runtimes: [name: string, fetch: () => Promise<Runtime>, args: readonly string[]][] = [
  ...nodeVersions.map(
    (version) => [`Node ${version}`, () => fetchNode(version), []] as [string, () => Promise<Runtime>, []],
  ),
  ['Bun', fetchBun, []],
  ['Deno', fetchDeno, ['run', '--allow-all']],
];

const programs = { import: 'train.mjs', require: 'train.cjs', 'a worker thread': 'thread.mjs' };

let app: Awaited<ReturnType<typeof makeApp>>;

beforeAll(async () => {
  app = await makeApp('node');
});

afterAll(() => app?.[Symbol.asyncDispose]());

describe.each(runtimes)('%s', (_, fetch, args) => {
  test.for(Object.entries(programs))('by %s', async ([, program], context) => {
    const runtime = await fetch();
    if ('missing' in runtime) return context.skip(runtime.missing);
    const results: unknown = JSON.parse(await run(app.folder, runtime.path, [...args, program]));
    const losses = await knownLosses();
    expect(results).toEqual({ 'threads: 1': losses, 'threads: 2': losses, 'trainer, threads: 2': losses });
  });
});
