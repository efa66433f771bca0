import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import * as library from '../../ts/entrypoints/node.ts';
import type { BuildName } from '../../ts/entrypoints/node.ts';
import { inWorker, page, useChromium } from '../browser/fixture.ts';
import { dist, isolating, serveFolder } from '../browser/serve.ts';
import { fetchBun } from '../support/runtimes.ts';
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
    const servers = useChromium({ isolated: () => serveFolder(dist, isolating) });

    test.each([1, 2, 3])('on %i threads', async (threads) => {
      const { url } = servers.isolated;
      await page.goto(`${url}/blank`);
      const source = await readFile(new URL('tenSteps.ts', import.meta.url), 'utf8');
      const call = `tenSteps(await import("${url}/browser.js"), ${JSON.stringify({ build, threads })})`;
      const result = await inWorker(`${stripTypeScriptTypes(source)}; postMessage(await ${call});`);
      expect(result).toEqual({ ...onOneThread.get(build), threads });
    });
  });
});

test('and so has simd in an engine that is not V8', async (context) => {
  const bun = await fetchBun();
  if ('missing' in bun) return context.skip(bun.missing);
  const script = fileURLToPath(new URL('runInBun.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(bun.path, [script, 'simd']);
  expect(JSON.parse(stdout)).toEqual(onOneThread.get('simd'));
});
