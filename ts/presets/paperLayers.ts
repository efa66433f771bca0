import { OptionError } from '../errors.ts';
import type { ActivationName } from '../layers/activate.ts';
import { layers } from '../layers/index.ts';
import { initializers, type InitializerOption } from '../model/initializers.ts';
import type { Layer } from '../model/layer.ts';
import type { SequentialOptions } from '../model/modelOptions.ts';
import { sequential, type Sequential } from '../model/sequential.ts';
import type { MaxPool2dOptions } from '../ops/maxPool2dOptions.ts';
import { checkKnown } from '../options.ts';
import type { UpdateOrder } from '../plan/updateOrder.ts';
import { paperSgd, type PaperRates } from './paperSgd.ts';

/** What both networks of the paper take; defaults are the paper's, or those of MODEL section 8 where it is silent. */
export interface PaperNetworkOptions
  extends SequentialOptions, Pick<MaxPool2dOptions, 'rounding' | 'padSide' | 'padValue'> {
  /** Outputs of the network. Default 10. */
  classes?: number;
  /** f1, behind convolutions. Default `relu`. */
  activation1?: ActivationName | 'identity';
  /** f3, behind fully connected layers. Default `relu`. */
  activation3?: ActivationName | 'identity';
  /** f4, at the output. Default `linear`, the only one for which the loss is convex in the output weights. */
  activation4?: ActivationName | 'identity';
  /** Activations of single layers by name, instead of the three above. */
  activations?: Readonly<Record<string, ActivationName | 'identity'>>;
  /** Default `convolution`, the paper's. */
  kernelMode?: 'convolution' | 'correlation';
  /** Pooling of an odd edge: padded (`ceil`, default) or dropped (`floor`). */
  rounding?: 'ceil' | 'floor';
  /** The side that is padded: bottom and right (`end`, default) or top and left (`start`). */
  padSide?: 'end' | 'start';
  /** What is padded with: `zero` (default) or `-inf`, which never wins. */
  padValue?: 'zero' | '-inf';
  /** With rates the model comes compiled: `halfSquaredError`, plain SGD. Without, `compile` is left to the caller. */
  rates?: PaperRates;
  /** With rates: see `compile({ updateOrder })`. Default `joint`. */
  updateOrder?: UpdateOrder;
}

/** Makes the layers of a network of the paper, with their options and initial values worked out. */
export class PaperLayers {
  readonly #where: string;
  readonly #options: Omit<PaperNetworkOptions, keyof SequentialOptions>;
  readonly #model: SequentialOptions;
  readonly #chain: Layer[] = [];
  readonly #activations: Set<string>;

  /** Options without the network's `own`, which it has taken. Throws an OptionError for any that is not known. */
  constructor(where: string, options: PaperNetworkOptions, own: readonly string[]) {
    const { seed, engine, name, ...rest } = options;
    checkKnown(where, rest, [...own, ...optionNames, 'seed', 'engine', 'name']);
    this.#where = where;
    this.#options = rest;
    this.#model = {
      name: name ?? where,
      ...(seed !== undefined && { seed }),
      ...(engine !== undefined && { engine }),
    };
    this.#activations = new Set(Object.keys(rest.activations ?? {}));
  }

  input(shape: readonly number[]): void {
    this.#chain.push(layers.input({ shape, name: 'x' }));
  }

  /** A convolution behind f1. */
  conv(name: string, filters: number, kernelSize: number, strides: number, channelMode: 'full' | 'shared'): void {
    const activation = this.#activation(name, this.#options.activation1 ?? 'relu');
    const { kernelMode = 'convolution' } = this.#options;
    const kernelInitializer = normal(activation);
    this.#chain.push(
      layers.conv2d({ name, filters, kernelSize, strides, kernelMode, channelMode, activation, kernelInitializer }),
    );
  }

  /** Max pooling 2 x 2. */
  pool(name: string): void {
    const { rounding = 'ceil', padSide = 'end', padValue = 'zero' } = this.#options;
    this.#chain.push(layers.maxPooling2d({ name, poolSize: 2, rounding, padSide, padValue }));
  }

  flatten(): void {
    this.#chain.push(layers.flatten({ name: 'flatten', order: 'channelsFirst' }));
  }

  /** A fully connected layer behind f3. */
  dense(name: string, units: number): void {
    this.#dense(name, units, this.#options.activation3 ?? 'relu');
  }

  /** The output layer, the network, and, with rates, how it is trained. */
  finish(): Sequential {
    const { activation4 = 'linear', classes = 10, rates, updateOrder } = this.#options;
    this.#dense('out', classes, activation4);
    const [unknown] = this.#activations;
    if (unknown !== undefined) {
      throw new OptionError(`${this.#where}: activations names layer "${unknown}", which has none`);
    }
    if (rates === undefined && updateOrder !== undefined) {
      throw new OptionError(`${this.#where}: updateOrder ${JSON.stringify(updateOrder)} goes with rates`);
    }
    const model = sequential(this.#chain, this.#model);
    if (rates !== undefined) {
      const optimizer = paperSgd(model, rates);
      model.compile({ optimizer, loss: 'halfSquaredError', updateOrder: updateOrder ?? 'joint' });
    }
    return model;
  }

  #dense(name: string, units: number, byPlace: ActivationName | 'identity'): void {
    const activation = this.#activation(name, byPlace);
    this.#chain.push(layers.dense({ name, units, activation, kernelInitializer: normal(activation) }));
  }

  #activation(layer: string, byPlace: ActivationName | 'identity'): ActivationName | 'identity' {
    this.#activations.delete(layer);
    return this.#options.activations?.[layer] ?? byPlace;
  }
}

const optionNames: readonly (keyof PaperNetworkOptions)[] = [
  'classes',
  'activation1',
  'activation3',
  'activation4',
  'activations',
  'kernelMode',
  'rounding',
  'padSide',
  'padValue',
  'rates',
  'updateOrder',
];

/** Normal, of standard deviation sqrt(2 / fanIn) before relu and sqrt(1 / fanIn) elsewhere (MODEL section 8). */
function normal(activation: ActivationName | 'identity'): InitializerOption {
  const scale = activation === 'relu' ? 2 : 1;
  return initializers.varianceScaling({ scale, mode: 'fanIn', distribution: 'normal' });
}
