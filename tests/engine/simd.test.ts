import { expect, it, vi } from 'vitest';
import { createEngine, init, StateError } from '../../ts/entrypoints/node.ts';

const simd = vi.hoisted(() => vi.fn<() => Promise<boolean>>());
vi.mock('wasm-feature-detect', () => ({ simd, relaxedSimd: simd, threads: simd }));

it('without SIMD128 init and createEngine throw, naming the oldest browsers that work', async () => {
  simd.mockResolvedValue(false);
  for (const [name, call] of Object.entries({ init, createEngine })) {
    const calling = call();
    await expect(calling).rejects.toThrow(StateError);
    await expect(calling).rejects.toThrow(
      `${name}: this JavaScript engine has no WebAssembly SIMD (SIMD128); the oldest that work are ` +
        'Chrome and Edge 96, Firefox 92, Safari 16.4 and Node.js 20',
    );
  }
  simd.mockResolvedValue(true);
  expect((await init()).state).toBe('live');
});
