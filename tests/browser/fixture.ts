import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { findChromium, launchChromium, newPage, noChromium } from './chromium.ts';
import type { FolderServer } from './serve.ts';

/** The page of the running test. */
export let page: Page;

/**
 * Gives the tests of a file or a `describe` a Chromium, each a new {@link page} in it, and servers, which are in the
 * result once the tests run. Skips the tests where there is no Chromium.
 */
export function useChromium<Name extends string>(
  start: Record<Name, () => Promise<FolderServer>>,
): Record<Name, FolderServer> {
  const executable = findChromium();
  const servers: Partial<Record<Name, FolderServer>> = {};
  let browser: Browser | undefined;

  beforeAll(async () => {
    if (executable === undefined) return;
    for (const name in start) servers[name] = await start[name]();
    browser = await launchChromium(executable);
  });

  afterAll(async () => {
    await browser?.close();
    for (const name in start) await servers[name]?.close();
  });

  beforeEach(async (context) => {
    context.skip(executable === undefined, noChromium);
    page = await newPage(browser!);
  });

  return servers as Record<Name, FolderServer>;
}

/** Runs a module in a worker of the page; the answer is the first thing it posts. Rejects when it throws. */
export function inWorker<Answer>(module: string): Promise<Answer> {
  return page.evaluate((code) => {
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' });
    return new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data as Answer);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  }, module);
}
