import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { currentDefault } from '../../ts/engine/defaultEngine.ts';
import { makeLoader } from '../../ts/engine/load.ts';
import type { Platform } from '../../ts/engine/platform.ts';

afterEach(() => currentDefault()?.ready?.dispose());

const compile: Platform['compileModule'] = async (name) =>
  WebAssembly.compile(await readFile(new URL(`../../ts/entrypoints/fourlane_${name}.wasm`, import.meta.url)));

const readBytes: Platform['readBytes'] = () => Promise.reject(new Error('not to be called'));

/** An environment that can have no threads. */
const threads: Platform['threads'] = {
  availableParallelism: () => Promise.resolve(1),
  obstacle: () => 'none in this test',
  startHelper: () => Promise.reject(new Error('not to be called')),
};

it('nothing is set up or fetched before the first call, and then fetched once', async () => {
  const setUp = vi.fn();
  const compileModule = vi.fn(compile);
  const { init, createEngine } = makeLoader({ setUp, compileModule, readBytes, threads });
  expect(setUp).not.toHaveBeenCalled();
  expect(compileModule).not.toHaveBeenCalled();
  const simd = { build: 'simd' } as const;
  const engines = await Promise.all([init(simd), createEngine(simd), createEngine(simd), init(simd)]);
  expect(setUp).toHaveBeenCalled();
  expect(compileModule).toHaveBeenCalledTimes(1);
  expect(compileModule).toHaveBeenCalledWith('simd');
  engines.forEach((engine) => engine.dispose());
});

it('a failure is passed on, and the next call tries again', async () => {
  const failure = new Error('the network is down');
  const compileModule = vi.fn(compile).mockRejectedValueOnce(failure);
  const { init } = makeLoader({ setUp: () => {}, compileModule, readBytes, threads });
  await expect(Promise.all([init(), init()])).rejects.toBe(failure);
  expect((await init()).state).toBe('live');
  expect(compileModule).toHaveBeenCalledTimes(2);
});
