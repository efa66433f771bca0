import { beforeEach, expect, it, vi } from 'vitest';
import { chooseBuild, type BuildName } from '../../ts/engine/builds.ts';
import { chooseThreads, mayWait } from '../../ts/engine/threads.ts';
import type { ThreadPlatform } from '../../ts/engine/platform.ts';
import { createEngine, StateError } from '../../ts/entrypoints/node.ts';
import { disposeAfterEach } from '../support/lifecycle.ts';
import { smallData, smallModel } from '../support/models.ts';

const features = vi.hoisted(() => ({ simd: true, relaxedSimd: true, threads: true }));
vi.mock('wasm-feature-detect', () => ({
  simd: () => Promise.resolve(features.simd),
  relaxedSimd: () => Promise.resolve(features.relaxedSimd),
  threads: () => Promise.resolve(features.threads),
}));

const keep = disposeAfterEach();
const info = vi.spyOn(console, 'info').mockImplementation(() => {});

beforeEach(() => {
  Object.assign(features, { simd: true, relaxedSimd: true, threads: true });
  info.mockClear();
});

it('relaxed where it works and no build is asked for, else simd', async () => {
  expect(await chooseBuild('init', 'auto')).toBe('relaxed');
  expect(await chooseBuild('init', 'simd')).toBe('simd');
  features.relaxedSimd = false;
  expect(await chooseBuild('init', 'auto')).toBe('simd');
  expect(await chooseBuild('init', 'simd')).toBe('simd');
});

it('a build that was asked for by name and cannot run is a StateError: it would have other bits', async () => {
  features.relaxedSimd = false;
  const creating = createEngine({ build: 'relaxed' });
  await expect(creating).rejects.toThrow(StateError);
  await expect(creating).rejects.toThrow(
    'createEngine: this JavaScript engine has no relaxed SIMD; leave out build, or set it to "simd"',
  );
  expect(keep(await createEngine()).build).toBe('simd');
});

/** An environment with eight cores that can have threads, unless told otherwise. */
function environment(changes: Partial<ThreadPlatform> = {}): ThreadPlatform {
  return {
    availableParallelism: () => Promise.resolve(16),
    obstacle: () => undefined,
    startHelper: () => Promise.reject(new Error('not to be called')),
    ...changes,
  };
}

it('as many threads as the machine runs at once, at most 8, or as many as are asked for', async () => {
  expect(await chooseThreads('auto', environment())).toBe(8);
  expect(await chooseThreads('auto', environment({ availableParallelism: () => Promise.resolve(3) }))).toBe(3);
  expect(await chooseThreads(12, environment())).toBe(12);
  expect(await chooseThreads(1, environment({ obstacle: () => 'never asked' }))).toBe(1);
  expect(info).not.toHaveBeenCalled();
});

it('one thread where there can be no more, and the reason on the console once', async () => {
  const page = environment({ obstacle: () => 'a reason' });
  expect(await chooseThreads('auto', page)).toBe(1);
  expect(await chooseThreads('auto', page)).toBe(1);
  expect(info.mock.calls).toEqual([['fourlane: one thread instead of 8: a reason']]);
  features.threads = false;
  expect(await chooseThreads(2, environment())).toBe(1);
  expect(info).toHaveBeenLastCalledWith('fourlane: one thread instead of 2: WebAssembly threads are missing here');
});

it('whether the calling thread may wait is found out by waiting', () => {
  expect(mayWait()).toBe(true);
  // What the main thread of a page does.
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  });
  expect(mayWait()).toBe(false);
  wait.mockRestore();
});

it.each<BuildName>(['simd', 'relaxed'])('%s: what computed stands in the history', async (build) => {
  const engine = keep(await createEngine({ build, threads: 1 }));
  expect(engine.build).toBe(build);
  const { x, y } = smallData(4);
  const history = await keep(smallModel({ engine })).fit(x, y);
  expect(history.engine).toEqual({ build, fused: engine.fused, threads: 1 });
});

it('simd never fuses; relaxed says what its arithmetic does', async () => {
  expect(keep(await createEngine({ build: 'simd' })).fused).toBe(false);
  const engine = keep(await createEngine({ build: 'relaxed' }));
  // 1 product of the GEMM's multiply-add, the square that rounds to 1 + 2^-11 before -(1 + 2^-11) is added to it.
  const operands = [1 + 2 ** -12, 1 + 2 ** -12, -1 - 2 ** -11];
  const addresses = operands.map((value) => {
    const address = engine.alloc(4);
    new Float32Array(engine.buffer, address, 1)[0] = value;
    return address;
  });
  const [a, b, c] = addresses as [number, number, number];
  const workspace = engine.alloc(4 * engine.run((kernels) => kernels.gemm_workspace()));
  engine.run((kernels) => kernels.gemm(1, 1, 1, 1, a, false, b, false, 1, c, workspace));
  expect([0, 2 ** -24]).toContain(new Float32Array(engine.buffer, c, 1)[0]);
});
