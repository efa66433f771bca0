import { expect, it, vi } from 'vitest';
import { createEngine } from '../../ts/entrypoints/node.ts';

vi.mock('node:worker_threads', () => ({
  Worker: class {
    constructor() {
      throw new Error('no more threads');
    }
  },
}));

it('one thread where the others cannot be started, and the reason on the console, once', async () => {
  const info = vi.spyOn(console, 'info').mockImplementation(() => {});
  for (let turn = 0; turn < 2; turn++) {
    const engine = await createEngine({ threads: 3 });
    expect(engine).toMatchObject({ threads: 1, state: 'live' });
    expect(engine.run((kernels) => kernels.pool_workers())).toBe(1);
    expect(engine.buffer).toBeInstanceOf(ArrayBuffer);
    engine.dispose();
  }
  expect(info.mock.calls).toEqual([
    ['fourlane: one thread instead of 3: starting the others failed (Error: no more threads)'],
  ]);
});
