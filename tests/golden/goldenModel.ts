import { losses, sequential, type CompileModelOptions, type Sequential } from '../../ts/entrypoints/node.ts';
import { current } from './runs.ts';
import { record, tensor, weightsToFile, weightsToLibrary, type Tensor } from './tensor.ts';
import { activationOf, checkKnown, convSpec, makeLayer, oneOf, poolSpec, type LayerSpec } from './words.ts';

/** The network of a cnn-golden file. */
export interface GoldenNetwork {
  /** Shape of one input in the library's order. */
  inputShape: unknown[];
  layers: (LayerSpec & { name: string })[];
  /** Names of the parameters, in the order of the layers, kernel before bias: `conv1.W`, `conv1.b`. */
  parameters: string[];
  /** Layers with parameters. */
  trained: string[];
}

/** Reads `config`. A layer has a bias where `params` holds one, or as its own `useBias` says. */
export function goldenNetwork(value: unknown, params: Record<string, unknown>): GoldenNetwork {
  const config = record('config', value);
  checkKnown('config', config, ['kernelMode', 'input', 'layers']);
  const input = record('config.input', config.input);
  checkKnown('config.input', input, ['height', 'width', 'channels']);
  if (!Array.isArray(config.layers))
    throw new Error(`config.layers: expected a list, got ${JSON.stringify(config.layers)}`);
  const network: GoldenNetwork = {
    inputShape: [input.height, input.width, input.channels],
    layers: [],
    parameters: [],
    trained: [],
  };
  config.layers.forEach((entry: unknown, index) => {
    const fields = record(`config.layers[${index}]`, entry);
    const name = String(fields.name);
    const spec = layerSpec(`${String(fields.type)} "${name}"`, { kernelMode: config.kernelMode, ...fields });
    if (spec.kind !== 'maxPooling2d') {
      spec.options.useBias = fields.useBias ?? `${name}.b` in params;
      network.trained.push(name);
      network.parameters.push(`${name}.W`, ...(spec.options.useBias ? [`${name}.b`] : []));
    }
    network.layers.push({ ...spec, name });
  });
  return network;
}

function layerSpec(what: string, fields: Record<string, unknown>): LayerSpec {
  const common = ['kernelMode', 'type', 'name'];
  const type = oneOf(`${what}: type`, fields.type, ['conv', 'maxpool', 'dense']);
  if (type === 'maxpool') {
    checkKnown(what, fields, [...common, 'size', 'rounding', 'padSide', 'padValue']);
    return poolSpec(what, fields);
  }
  const activation = activationOf(`${what}: activation`, fields.activation);
  if (type === 'dense') {
    checkKnown(what, fields, [...common, 'units', 'activation', 'useBias']);
    return { kind: 'dense', options: { units: fields.units, activation } };
  }
  checkKnown(what, fields, [...common, 'kernels', 'kh', 'kw', 'stride', 'channelMode', 'activation', 'useBias']);
  const spec = convSpec(what, fields);
  const { kernels, kh, kw } = fields;
  return { ...spec, options: { ...spec.options, filters: kernels, kernelSize: [kh, kw], activation } };
}

/** How a model is trained, beside its loss. */
export type GoldenTraining = Pick<CompileModelOptions, 'optimizer' | 'updateOrder'>;

/** The model, with the seed's loss and the file's weights. */
export function goldenModel(
  network: GoldenNetwork,
  params: Record<string, unknown>,
  training: GoldenTraining,
): Sequential {
  const chain = [makeLayer('input', { shape: network.inputShape })];
  let flat = false;
  const flatten = (before: string): void => {
    if (!flat) chain.push(makeLayer('flatten', { name: `flatten for ${before}`, order: 'channelsFirst' }));
    flat = true;
  };
  for (const { kind, name, options } of network.layers) {
    if (kind === 'dense') flatten(name);
    chain.push(makeLayer(kind, { ...options, name }));
  }
  flatten('the loss');
  const model = sequential(chain);
  model.compile({ ...training, ...current, loss: losses.halfSquaredError() });
  const weights = network.parameters.map((name) => weightsToLibrary(tensor(`params.${name}`, params[name])));
  model.setWeights(weights);
  return model;
}

/** The model's parameters by the file's names and in its layouts. */
export function goldenParameters(network: GoldenNetwork, model: Sequential): Map<string, Tensor> {
  return new Map(
    model.getWeights().map((weight, index) => {
      const name = network.parameters[index]!;
      return [name, weightsToFile(weight, isShared(network, layerOf(name)))];
    }),
  );
}

/** Whether a layer is a convolution with one kernel plane for all channels: its W has no axis of channels. */
export function isShared({ layers }: GoldenNetwork, layer: string): boolean {
  return layers.find(({ name }) => name === layer)!.options.channelMode === 'shared';
}

/** The layer of a parameter. */
export function layerOf(parameter: string): string {
  return parameter.slice(0, parameter.lastIndexOf('.'));
}
