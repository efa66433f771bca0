// ConvNetJS as a contender, timed only: its pools and its start are its own, and it has no working Adam.
import type { LoadRequest } from '../protocol.ts';
import { product } from '../shapes.ts';
import { CLASSES, type LayerSpec, type Network } from '../workloads.ts';
import { importPeer } from './importPeer.ts';
import { answering, type Job } from './job.ts';
import { serve } from './serve.ts';
import { readFloats, readTensor } from './tensors.ts';

interface Vol {
  w: Float64Array;
}

interface Net {
  makeLayers(defs: object[]): void;
  forward(x: Vol, isTraining?: boolean): Vol;
}

interface ConvNetJs {
  Net: new () => Net;
  Vol: new (width: number, height: number, depth: number, value: number) => Vol;
  Trainer: new (net: Net, options: object) => { train(x: Vol, y: number): { loss: number } };
}

const convnetjs = await importPeer<ConvNetJs>('convnetjs');

serve(
  answering({
    load(request) {
      if (request.workload.kind !== 'network') throw new Error('has no such operation');
      return bindNetwork(request.workload, request);
    },
  }),
);

/** It takes a sample at a time, and updates after every `batch` of them. */
function bindNetwork(
  { input: [height, width, channels], batch, layers, optimizer }: Network,
  request: LoadRequest,
): Job {
  const net = new convnetjs.Net();
  const input = { type: 'input', out_sx: width, out_sy: height, out_depth: channels };
  net.makeLayers([input, ...layers.slice(0, -1).flatMap(layerOf), { type: 'softmax', num_classes: CLASSES }]);
  const values = readFloats(request.tensors['x']);
  const labels = readTensor(request.tensors['labels']!);
  const size = product([height, width, channels]);
  const samples = Array.from({ length: batch }, (_, i) => {
    const sample = new convnetjs.Vol(width, height, channels, 0);
    sample.w.set(values.subarray(i * size, (i + 1) * size));
    return sample;
  });
  const momentum = 'momentum' in optimizer ? optimizer.momentum : 0;
  const options = { method: 'sgd', learning_rate: optimizer.learningRate, momentum, batch_size: batch };
  const trainer = new convnetjs.Trainer(net, options);
  return {
    step: () => {
      samples.forEach((sample, i) => {
        if (request.phase === 'train') trainer.train(sample, labels[i]!);
        else net.forward(sample);
      });
    },
    values: () => [],
  };
}

function layerOf(spec: LayerSpec): object[] {
  switch (spec.kind) {
    case 'conv': {
      const pad = spec.padding === 'same' ? (spec.kernel - 1) / 2 : 0;
      return [{ type: 'conv', sx: spec.kernel, filters: spec.filters, stride: 1, pad, activation: spec.activation }];
    }
    case 'pool':
      // Rounds down: one more column of padding gives the size that rounding up has for odd pictures.
      return [{ type: 'pool', sx: 2, stride: 2, pad: spec.ceil ? 1 : 0 }];
    case 'flatten':
      return [];
    case 'dense':
      return [{ type: 'fc', num_neurons: spec.units, activation: spec.activation }];
  }
}
