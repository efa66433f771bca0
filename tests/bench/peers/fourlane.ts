// This library, as a contender: `fourlane.ts '{"build": "relaxed", "threads": 2}'`.
import type { EngineOptions } from '../../../ts/engine/engineOptions.ts';
import { createEngine } from '../../../ts/entrypoints/node.ts';
import { clocks } from '../clocks.ts';
import { bindNetwork } from './fourlaneNetwork.ts';
import { bindOperation } from './fourlaneOperation.ts';
import { serve } from './serve.ts';

const engine = await createEngine(JSON.parse(process.argv[2] ?? '{}') as EngineOptions);

serve(
  (request) => {
    const { workload } = request;
    const isNetwork = workload.kind === 'network';
    const job = isNetwork ? bindNetwork(engine, workload, request) : bindOperation(engine, workload, request);
    const memory = () => ({ wasm: engine.memory().byteLength, resident: process.resourceUsage().maxRSS * 1024 });
    return { ...job, note: engine.build, memory };
  },
  ({ iterations, clock }) => {
    const started = clocks[clock]();
    const flops = engine.run((kernels) => {
      kernels.peak_loop(iterations);
      return kernels.peak_loop_flops() * iterations;
    });
    return { gflops: flops / (clocks[clock]() - started) / 1e6 };
  },
);
