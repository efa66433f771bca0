// The package in apps with a page: each is built with its own tools, served, and opened in Chromium.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isolating, serveFolder } from '../../browser/serve.ts';
import { knownLosses, makeApp } from './app.ts';
import { noBrowser, openPage } from './openPage.ts';
import { run, serveApp } from './run.ts';

/** How an app comes to its page. */
interface PageApp {
  /** Folder in `../apps`. */
  app: string;
  /** Runs `npm run build` first. */
  build?: true;
  /** `npm run` this is the server. */
  script?: string;
  /** Otherwise a plain server of this folder, with these headers. */
  folder?: string;
  headers?: Record<string, string>;
  /** The entry has no `createTrainer`: training on the page only. */
  pageOnly?: true;
}

const strict = {
  ...isolating,
  'content-security-policy':
    "default-src 'none'; img-src data:; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
};

const built = { build: true, folder: 'dist', headers: isolating } as const;

const apps: Record<string, PageApp> = {
  'Vite, dev': { app: 'vite', script: 'dev' },
  'Vite, build': { app: 'vite', build: true, script: 'start' },
  'Vite with vite-plugin-wasm, dev': { app: 'vite-plugin-wasm', script: 'dev', pageOnly: true },
  'Vite with vite-plugin-wasm, build': { app: 'vite-plugin-wasm', build: true, script: 'start', pageOnly: true },
  webpack: { app: 'webpack', ...built },
  'webpack, the .wasm as a module': { app: 'webpack-wasm', ...built, pageOnly: true },
  Rollup: { app: 'rollup', ...built },
  esbuild: { app: 'esbuild', ...built },
  'Next.js, build': { app: 'next', build: true, script: 'start' },
  'a script tag without a bundler': { app: 'script', headers: isolating },
  'a script tag with fourlane/inline': { app: 'inline', pageOnly: true },
  'a strict content security policy': { app: 'strict-policy', headers: strict },
};

test.for(Object.entries(apps))('%s', async ([, description], context) => {
  context.skip(noBrowser !== undefined, noBrowser);
  const { app: name, build, script, folder = '.', headers, pageOnly } = description;
  await using app = await makeApp(name);
  if (build) await run(app.folder, 'npm', ['run', 'build']);
  const served = join(app.folder, folder);
  if (folder !== '.') await cp(join(app.folder, 'index.html'), join(served, 'index.html'));
  await using server = script === undefined ? await serveFolder(served, headers) : await serveApp(app.folder, script);
  const { report, problems, wasm } = await openPage(server.url);
  const losses = await knownLosses();
  expect(report).toEqual({ onPage: { threads: 1, losses }, ...(!pageOnly && { onTrainer: { threads: 2, losses } }) });
  expect(problems).toEqual([]);
  // Of the four builds only what each engine runs.
  expect(wasm.length).toBeLessThanOrEqual(pageOnly ? 1 : 2);
});
