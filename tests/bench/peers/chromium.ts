// This library in a worker of an isolated page of headless Chromium, as a contender: `chromium.ts '{"threads": 2}'`.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findChromium, launchChromium } from '../../browser/chromium.ts';
import { dist, isolating, serveFolder } from '../../browser/serve.ts';
import { bundle } from '../../support/bundle.ts';
import type { Request } from '../protocol.ts';
import { serve } from './serve.ts';

type Answer = { reply: object } | { error: string };

/** Files of the benchmark, beside those of the library. */
const TENSOR = '/tensor';

const input = fileURLToPath(new URL('inWorker.ts', import.meta.url));
const program = await bundle({ input, platform: 'browser' }, { minify: true });
const server = await serveFolder(dist, isolating, (path) => {
  if (path === '/inWorker.js') return Promise.resolve(program);
  return path.startsWith(`${TENSOR}/`) ? readFile(path.slice(TENSOR.length)) : undefined;
});
const browser = await launchChromium(findChromium()!);
const page = await browser.newPage();
await page.goto(`${server.url}/blank`);
const worker = await page.evaluateHandle(
  (url) => new Worker(url, { type: 'module' }),
  `/inWorker.js?${encodeURIComponent(process.argv[2] ?? '{}')}`,
);

/** One request at a time, answered by the worker. */
async function ask(request: Request): Promise<object> {
  const answer = await worker.evaluate((thread, message) => {
    return new Promise<Answer>((resolve, reject) => {
      thread.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      thread.onerror = ({ message: text }) => reject(new Error(text));
      thread.postMessage(message);
    });
  }, request);
  if ('error' in answer) throw new Error(answer.error);
  return answer.reply;
}

serve((request) => {
  if (request.op !== 'load') return ask(request);
  const tensors = Object.entries(request.tensors).map(
    ([name, { file, ...rest }]) => [name, { ...rest, file: TENSOR + file }] as const,
  );
  return ask({ ...request, tensors: Object.fromEntries(tensors) });
});
