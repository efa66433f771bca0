import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const entry = new URL('../../ts/entrypoints/node.ts', import.meta.url).href;

const prelude = `
  import { createEngine } from ${JSON.stringify(entry)};
  const length = 50_000;
  const address = (engine) => {
    const start = engine.alloc(4 * length);
    new Float32Array(engine.buffer, start, length).fill(0.5);
    return start;
  };
  const sum = (engine, start) => engine.run((kernels) => kernels.pool_sum_of_squares(length, start));
`;

/** What a program prints, as JSON; fails when it does not end by itself. */
async function run(program: string, flags: string[] = []): Promise<unknown> {
  const args = [...flags, '--input-type=module', '--eval', prelude + program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 });
  return JSON.parse(stdout);
}

it('threads keep no process alive, whether their engine is disposed of, asleep, or was just used', async () => {
  const program = (rest: string): string => `
    const engine = await createEngine({ threads: 3 });
    ${rest}
    console.log(sum(engine, address(engine)));
  `;
  expect(await run(program(''))).toBe(12_500);
  expect(await run(program('await new Promise((resolve) => setTimeout(resolve, 200));'))).toBe(12_500);
  expect(await run(program('(await createEngine({ threads: 2 })).dispose();'))).toBe(12_500);
});

it('an idle engine leaves the processor alone', async () => {
  const { idle, waited } = (await run(`
    const engine = await createEngine({ threads: 2 });
    const start = address(engine);
    for (let i = 0; i < 1000; i++) sum(engine, start);
    const [cpu, clock] = [process.cpuUsage(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ idle: (user + system) / 1000, waited: performance.now() - clock }));
  `)) as { idle: number; waited: number };
  // In milliseconds; a helper that never slept would take a core.
  expect(waited).toBeGreaterThan(1900);
  expect(idle).toBeLessThan(400);
});

it('engines that were disposed of give their memory back, although it was shared', async () => {
  const megabytes = await run(`
    for (let turn = 0; turn < 30; turn++) {
      const engine = await createEngine({ threads: 2 });
      const start = engine.alloc(64 << 20);
      new Uint8Array(engine.buffer, start, 64 << 20).fill(1);
      engine.dispose();
    }
    console.log(process.resourceUsage().maxRSS >> 10);
  `);
  // 30 of them would be 1920.
  expect(megabytes).toBeLessThan(900);
});

it('an engine that was dropped without being disposed of ends its threads', async () => {
  const left = await run(
    `
    import { readdirSync } from 'node:fs';
    const threads = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);
    const before = (await createEngine({ threads: 1 }), threads());
    await (async () => sum(...(await createEngine({ threads: 4 }).then((engine) => [engine, address(engine)]))))();
    const started = Date.now();
    while (threads() > before && Date.now() - started < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      gc();
    }
    console.log(threads() - before);
    process.exit();
  `,
    ['--expose-gc'],
  );
  expect(left).toBeLessThanOrEqual(0);
});

it("the code of V8's baseline compiler waits and wakes as well", async () => {
  const program = `
    const engine = await createEngine({ threads: 3 });
    const start = address(engine);
    const sums = new Set();
    for (let turn = 0; turn < 300; turn++) {
      sums.add(sum(engine, start));
      // Until the helpers sleep, now and then.
      if (turn % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    console.log(JSON.stringify([...sums]));
  `;
  expect(await run(program, ['--liftoff-only'])).toEqual([12_500]);
});
