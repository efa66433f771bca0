import type { Engine } from '../../../ts/index.ts';
import { clocks } from '../clocks.ts';
import type { TensorFiles } from '../data.ts';
import type { Tensors } from '../tensors.ts';
import { bindNetwork } from './fourlaneNetwork.ts';
import { bindOperation } from './fourlaneOperation.ts';
import type { Job, Jobs } from './job.ts';

/** What this library does for the benchmark, in whatever environment; `read` comes to the data. */
export function fourlaneJobs(
  engine: Engine,
  read: (files: TensorFiles) => Tensors | Promise<Tensors>,
  memory?: Job['memory'],
): Jobs {
  return {
    async load({ workload, phase, tensors: files }) {
      const tensors = await read(files);
      const isNetwork = workload.kind === 'network';
      const job = isNetwork ? bindNetwork(engine, workload, phase, tensors) : bindOperation(engine, workload, tensors);
      return { ...job, note: engine.build, ...(memory && { memory }) };
    },
    peak({ iterations, clock }) {
      const started = clocks[clock]();
      const flops = engine.run((kernels) => {
        kernels.peak_loop(iterations);
        return kernels.peak_loop_flops() * iterations;
      });
      return { gflops: flops / (clocks[clock]() - started) / 1e6 };
    },
  };
}
