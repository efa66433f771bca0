import { createEngine } from 'fourlane';

const LENGTH = 10_000;

async function report(): Promise<object> {
  const engine = await createEngine({ threads: 2 });
  const address = engine.alloc(4 * LENGTH);
  new Float32Array(engine.buffer, address, LENGTH).fill(0.5);
  const sum = engine.run((kernels) => kernels.pool_sum_of_squares(LENGTH, address));
  return { threads: engine.threads, sum };
}

report().then(
  (made) => postMessage(made),
  (error: unknown) => postMessage({ failure: String(error) }),
);
