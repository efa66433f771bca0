import { afterEach, describe, expect, it, vi } from 'vitest';
import { Yielder, yieldToEventLoop } from '../../ts/train/yield.ts';

afterEach(() => vi.unstubAllGlobals());

describe('yieldToEventLoop', () => {
  it.each(['setImmediate', 'MessageChannel'])('lets other tasks run first, by %s', async (way) => {
    let ran = false;
    // A task of its own, queued before: a promise alone would not let it run.
    const { port1, port2 } = new MessageChannel();
    const other = new Promise<void>((resolve) => {
      port1.onmessage = () => {
        ran = true;
        resolve();
      };
    });
    port2.postMessage(undefined);
    if (way === 'MessageChannel') vi.stubGlobal('setImmediate', undefined);
    for (let turn = 0; turn < 100_000 && !ran; turn++) await yieldToEventLoop();
    expect(ran).toBe(true);
    await other;
    port1.close();
  });
});

describe('Yielder', () => {
  it('is due once the time has passed since it last ran', async () => {
    let now = 0;
    vi.stubGlobal('performance', { now: () => now });
    const yielder = new Yielder(16);
    expect(yielder.due).toBe(false);
    now = 15.9;
    expect(yielder.due).toBe(false);
    now = 16;
    expect(yielder.due).toBe(true);
    await yielder.run();
    expect(yielder.due).toBe(false);
    now = 32;
    expect(yielder.due).toBe(true);
  });
});
