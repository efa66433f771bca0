// `npm run bench`: what the kernels reach, as shares of the peak that the same wasm measures in the same run.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import { createEngine, type Engine } from '../../ts/entrypoints/node.ts';
import { seedThreeLayer } from '../../ts/entrypoints/presets.ts';
import { sgd } from '../../ts/index.ts';
import { medianMs } from './measure.ts';

const PEAK_ITERATIONS = 1_000_000;
const BATCH = 100;

/** GFLOP/s of a loop that touches no memory. */
function peak(engine: Engine): number {
  const flops = engine.run((kernels) => kernels.peak_loop_flops()) * PEAK_ITERATIONS;
  return flops / medianMs(() => engine.run((kernels) => kernels.peak_loop(PEAK_ITERATIONS))) / 1e6;
}

/** GFLOP/s of an n x n x n product. */
function gemm(engine: Engine, n: number, transposeA: boolean, transposeB: boolean): number {
  const [a, b, c] = [0, 0, 0].map(() => engine.alloc(4 * n * n)) as [number, number, number];
  const workspace = engine.alloc(4 * engine.run((kernels) => kernels.gemm_workspace()));
  for (const address of [a, b]) new Float32Array(engine.buffer, address, n * n).fill(0.5);
  const ms = medianMs(() =>
    engine.run((kernels) => kernels.gemm(n, n, n, 1, a, transposeA, b, transposeB, 0, c, workspace)),
  );
  for (const address of [a, b, c, workspace]) engine.free(address);
  return (2 * n * n * n) / ms / 1e6;
}

/** Milliseconds of one training step of the three-layer network. */
function trainingStep(engine: Engine): number {
  const model = seedThreeLayer({ engine });
  model.compile({ optimizer: sgd({ learningRate: 1e-6 }), loss: 'halfSquaredError' });
  const x = { data: new Float32Array(BATCH * 576).map((_, i) => (i % 17) / 17), shape: [BATCH, 24, 24, 1] };
  const y = { data: new Float32Array(BATCH * 10).map((_, i) => (i % 11 === 0 ? 1 : 0)), shape: [BATCH, 10] };
  const ms = medianMs(() => void model.trainOnBatch(x, y), { repeats: 7, atLeastMs: 200 });
  model.dispose();
  return ms;
}

const engine = await createEngine();
console.log(`${cpus()[0]!.model}, Node ${process.version}, build ${engine.build}, one thread`);
const peakGflops = peak(engine);
console.log(`peak (registers only)      ${peakGflops.toFixed(1)} GFLOP/s`);
for (const n of [256, 512, 1024]) {
  for (const [name, transposeA, transposeB] of [
    ['nn', false, false],
    ['nt', false, true],
    ['tn', true, false],
    ['tt', true, true],
  ] as const) {
    const gflops = gemm(engine, n, transposeA, transposeB);
    console.log(
      `gemm ${n} ${name}`.padEnd(27) +
        `${gflops.toFixed(1)} GFLOP/s, ${((100 * gflops) / peakGflops).toFixed(1)} % of peak`,
    );
  }
}
const ms = trainingStep(engine);
console.log(
  `three-layer training step  ${ms.toFixed(1)} ms at batch ${BATCH}, ${((BATCH * 1000) / ms).toFixed(0)} samples/s`,
);
const wasm = readFileSync(new URL('../../ts/entrypoints/fourlane_simd.wasm', import.meta.url));
console.log(`fourlane_simd.wasm         ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} after gzip`);
