import { makeLayer, type Layer, type LayerDef, type LayerOptions } from '../model/layer.ts';
import { activate, checkActivation, type ActivationName } from './activate.ts';

/** Options of {@link activation}. */
export interface ActivationOptions extends LayerOptions {
  activation: ActivationName | 'identity';
}

interface Config {
  activation: ActivationName;
}

export const activationDef: LayerDef<Config> = {
  kind: 'activation',
  options: ['activation'],
  configure: (where, options) => ({ activation: checkActivation(where, options.activation) }),
  outputShape: (_, __, [input]) => input!,
  lower: ({ name, config, inputs, builder }) => activate(builder, name, inputs[0]!, config.activation),
};

/** An activation as a layer of its own; same shape out as in. `softmax` works on the last axis. */
export function activation(options: ActivationOptions): Layer {
  return makeLayer(activationDef, options);
}
