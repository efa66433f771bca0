import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as library from '../../ts/entrypoints/node.ts';
import type { BuildName } from '../../ts/entrypoints/node.ts';
import { findChromium, launchChromium, newPage, noChromium } from '../browser/chromium.ts';
import { serveFolder, type FolderServer } from '../browser/serve.ts';
import { findBun } from './bun.ts';
import { tenSteps, type TenSteps } from './tenSteps.ts';

const builds: BuildName[] = ['simd', 'relaxed'];
const onOneThread = new Map<BuildName, TenSteps>();

beforeAll(async () => {
  for (const build of builds) onOneThread.set(build, await tenSteps(library, { build, threads: 1 }));
});

test('the runs are worth comparing: losses are finite, and change', () => {
  for (const { networks } of onOneThread.values()) {
    for (const { losses } of Object.values(networks)) {
      expect(losses.every(Number.isFinite)).toBe(true);
      expect(new Set(losses).size).toBe(10);
    }
  }
  const [simd, relaxed] = builds.map((build) => onOneThread.get(build)!);
  expect(simd!.fused).toBe(false);
  if (relaxed!.fused) expect(relaxed!.networks).not.toEqual(simd!.networks);
});

describe.each(builds)('ten steps with the build %s have the same bits', (build) => {
  test.each([2, 3])('on %i threads in Node', async (threads) => {
    expect(await tenSteps(library, { build, threads })).toEqual({ ...onOneThread.get(build), threads });
  });

  describe('in a worker of Chromium', () => {
    const executable = findChromium();
    let server: FolderServer;

    beforeAll(async () => {
      server = await serveFolder(fileURLToPath(new URL('../../dist', import.meta.url)), {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      });
    });
    afterAll(() => server.close());

    test.for([1, 2, 3])('on %i threads', async (threads, context) => {
      context.skip(executable === undefined, noChromium);
      const browser = await launchChromium(executable!);
      try {
        const page = await newPage(browser);
        await page.goto(`${server.url}/blank`);
        const source = await readFile(new URL('tenSteps.ts', import.meta.url), 'utf8');
        const call = `tenSteps(await import("${server.url}/browser.js"), ${JSON.stringify({ build, threads })})`;
        const program = `${stripTypeScriptTypes(source)}; postMessage(await ${call});`;
        const result = await page.evaluate((code) => {
          const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), {
            type: 'module',
          });
          return new Promise<TenSteps>((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data as TenSteps);
            worker.onerror = ({ message }) => reject(new Error(message));
          });
        }, program);
        expect(result).toEqual({ ...onOneThread.get(build), threads });
      } finally {
        await browser.close();
      }
    });
  });
});

test('and so has simd in an engine that is not V8', async (context) => {
  const bun = await findBun();
  if ('missing' in bun) return context.skip(bun.missing);
  const script = fileURLToPath(new URL('runInBun.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(bun.path, [script, 'simd']);
  expect(JSON.parse(stdout)).toEqual(onOneThread.get('simd'));
});
