import * as fourlane from '../../../ts/index.ts';
import { layers, losses, sequential, type Engine, type Layer, type Optimizer } from '../../../ts/index.ts';
import { buildArchitecture } from '../../../ts/model/architecture.ts';
import type { BoundPlan, StepTime } from '../../../ts/plan/execute.ts';
import type { Step } from '../../../ts/plan/plan.ts';
import { Session } from '../../../ts/train/session.ts';
import { clocks } from '../clocks.ts';
import { floats, type Tensors } from '../tensors.ts';
import type { ProfileReply, ProfileRequest } from '../protocol.ts';
import { product, weightedLayers } from '../shapes.ts';
import { median } from '../median.ts';
import type { LayerSpec, Network, OptimizerSpec, Phase } from '../workloads.ts';
import type { Job } from './job.ts';

/** Training and prediction by the public calls for one batch, which copy it into the model's memory each time. */
export function bindNetwork(engine: Engine, network: Network, phase: Phase, tensors: Tensors): Job {
  const { batch, input } = network;
  const model = sequential(layerList(network), { engine });
  const weights = weightedLayers(network).flatMap(({ kernel }, i) => [
    { data: floats(tensors, `kernel${i}`), shape: kernel },
    { data: new Float32Array(kernel.at(-1)!), shape: [kernel.at(-1)!] },
  ]);
  model.setWeights(weights);
  const x = { data: floats(tensors, 'x'), shape: [batch, ...input] };
  const labels = { data: tensors['labels']!, shape: [batch] };
  const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
  let values: ArrayLike<number> = [];
  const train = phase === 'train';
  if (train) model.compile({ optimizer: optimizerOf(network.optimizer), loss });
  const step = (): void => {
    if (train) values = [model.trainOnBatch(x, labels)['loss']!];
    else values = model.predictOnBatch(x).data;
  };
  const profile = (request: ProfileRequest): ProfileReply => {
    const session = new Session('bench', engine, buildArchitecture(layerList(network)), 0);
    if (train) session.compile({ optimizer: optimizerOf(network.optimizer), loss, metrics: [] });
    session.parameters.writeAll(weights);
    const bound = session.plan(train ? 'train' : 'predict', batch);
    // Before every run: the plan reuses their memory.
    const stage = (): void => {
      bound.f32(bound.plan.inputs[0]!, batch).set(x.data);
      if (train) bound.i32(bound.plan.target!, batch).set(labels.data);
    };
    const reply = profilePlan(bound, batch, request, { stage, step });
    session.dispose();
    return reply;
  };
  return {
    step,
    values: () => values,
    reset: () => model.setWeights(weights),
    profile,
    dispose: () => model.dispose(),
  };
}

/** Medians over `repeats` runs of the whole plan after one that is not counted, in turn with whole steps. */
function profilePlan(
  bound: BoundPlan,
  samples: number,
  { repeats, clock: name }: ProfileRequest,
  { stage, step }: { stage: () => void; step: () => void },
): ProfileReply {
  const clock = clocks[name];
  const once = (): { times: StepTime[]; whole: number } => {
    const started = clock();
    step();
    const whole = clock() - started;
    stage();
    return { times: bound.profile(samples, clock), whole };
  };
  once();
  const runs = Array.from({ length: repeats }, once);
  const steps = runs[0]!.times.map(({ phase, step: { kernel, layer, attributes } }, i) => {
    const ms = median(runs.map(({ times }) => times[i]!.ms));
    const flops = flopsOfStep(kernel, attributes, samples);
    return { phase, kernel, layer, ms, ...(flops === undefined ? {} : { gflops: flops / ms / 1e6 }) };
  });
  return { steps, wholeMs: median(runs.map(({ whole }) => whole)) };
}

/** Direct count of a convolution or a dense layer, each of whose passes does the same work. */
function flopsOfStep(kernel: string, attributes: Step['attributes'], samples: number): number | undefined {
  if (kernel.startsWith('dense')) {
    const { inputs, units } = attributes as { inputs: number; units: number };
    return 2 * samples * inputs * units;
  }
  if (!kernel.startsWith('conv2d')) return undefined;
  const { geometry: g } = attributes as { geometry: Record<string, number> };
  const sizes = ['outHeight', 'outWidth', 'kernelHeight', 'kernelWidth', 'inChannels', 'outChannels'];
  return 2 * samples * product(sizes.map((size) => g[size]!));
}

function layerList({ input, layers: specs }: Network): Layer[] {
  return [layers.input({ shape: input }), ...specs.map(layerOf)];
}

function layerOf(spec: LayerSpec): Layer {
  switch (spec.kind) {
    case 'conv': {
      const { filters, kernel, padding, activation } = spec;
      return layers.conv2d({ filters, kernelSize: kernel, padding, activation });
    }
    case 'pool':
      return layers.maxPooling2d({ padding: spec.ceil ? 'same' : 'valid' });
    case 'flatten':
      return layers.flatten();
    case 'dense':
      return layers.dense({ units: spec.units, activation: spec.activation });
  }
}

function optimizerOf({ kind, ...options }: OptimizerSpec): Optimizer {
  const make = (fourlane as unknown as Record<string, ((options: object) => Optimizer) | undefined>)[kind];
  if (make === undefined) throw new Error(`has no optimizer "${kind}" yet`);
  const plain = 'momentum' in options && options.momentum === 0;
  return make(plain ? { learningRate: options.learningRate } : options);
}
