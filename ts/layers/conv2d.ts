import { ShapeError } from '../errors.ts';
import { checkInitializer, type Initializer, type InitializerOption } from '../model/initializers.ts';
import { makeLayer, type Layer, type LayerDef, type LayerOptions, type WeightSpec } from '../model/layer.ts';
import { conv2dGeometry, type Conv2dGeometry, type Padding, type Pair } from '../ops/geometry.ts';
import { checkPadding } from '../ops/padding.ts';
import { rot180 } from '../ops/rot180.ts';
import { boolean, integer, oneOf, pair } from '../options.ts';
import { step } from '../plan/plan.ts';
import { batchShape, type Shape } from '../shape.ts';
import { activate, checkActivation, type ActivationName } from './activate.ts';
import { channelSum } from './channelSum.ts';

/** Options of {@link conv2d}. */
export interface Conv2dOptions extends LayerOptions {
  /** Number of output channels. */
  filters: number;
  /** Number, or [height, width]. */
  kernelSize: number | Pair;
  /** Number, or [height, width]. Default 1. */
  strides?: number | Pair;
  /** `valid` (default), `same`, or zeros as `[[top, bottom], [left, right]]`. */
  padding?: Padding;
  /** Default `linear`. */
  activation?: ActivationName | 'identity';
  /** Default `true`. */
  useBias?: boolean;
  /** Default `glorotUniform`. */
  kernelInitializer?: InitializerOption;
  /** Default `zeros`. */
  biasInitializer?: InitializerOption;
  /** `correlation` (default, as in Keras) or true `convolution`, which turns each kernel by 180 degrees. */
  kernelMode?: 'correlation' | 'convolution';
  /**
   * `full` (default): a kernel plane for each pair of input and output channel. `shared`: one for each output channel,
   * used for all input channels, so that the layer sees their sum only.
   */
  channelMode?: 'full' | 'shared';
}

interface Config {
  filters: number;
  kernelSize: Pair;
  strides: Pair;
  padding: Padding;
  activation: ActivationName;
  useBias: boolean;
  kernelInitializer: Initializer;
  biasInitializer: Initializer;
  kernelMode: 'correlation' | 'convolution';
  channelMode: 'full' | 'shared';
}

function geometryOf(where: string, config: Config, input: Shape): Conv2dGeometry {
  if (input.length !== 3) {
    throw new ShapeError(`${where}: expected input [N, height, width, channels], got ${batchShape(input)}`);
  }
  return conv2dGeometry(where, [input[0]!, input[1]!, input[2]!], config);
}

export const conv2dDef: LayerDef<Config> = {
  kind: 'conv2d',
  options: [
    'filters',
    'kernelSize',
    'strides',
    'padding',
    'activation',
    'useBias',
    'kernelInitializer',
    'biasInitializer',
    'kernelMode',
    'channelMode',
  ],

  configure(where, options) {
    return {
      filters: integer(where, 'filters', options.filters),
      kernelSize: pair(where, 'kernelSize', options.kernelSize),
      strides: pair(where, 'strides', options.strides ?? 1),
      padding: checkPadding(where, options.padding ?? 'valid'),
      activation: checkActivation(where, options.activation),
      useBias: boolean(where, 'useBias', options.useBias ?? true),
      kernelInitializer: checkInitializer(where, 'kernelInitializer', options.kernelInitializer ?? 'glorotUniform'),
      biasInitializer: checkInitializer(where, 'biasInitializer', options.biasInitializer ?? 'zeros'),
      kernelMode: oneOf(where, 'kernelMode', options.kernelMode ?? 'correlation', ['correlation', 'convolution']),
      channelMode: oneOf(where, 'channelMode', options.channelMode ?? 'full', ['full', 'shared']),
    };
  },

  outputShape(where, config, [input]) {
    const { outHeight, outWidth, outChannels } = geometryOf(where, config, input!);
    return [outHeight, outWidth, outChannels];
  },

  weights(config, [input]) {
    const [kernelHeight, kernelWidth] = config.kernelSize;
    const inChannels = input![2]!;
    // Shared planes too: what goes into one output, and so its variance, is all channels.
    const fans = {
      fanIn: kernelHeight * kernelWidth * inChannels,
      fanOut: kernelHeight * kernelWidth * config.filters,
    };
    const kernel: WeightSpec = {
      name: 'kernel',
      shape: [kernelHeight, kernelWidth, config.channelMode === 'shared' ? 1 : inChannels, config.filters],
      initializer: config.kernelInitializer,
      ...fans,
    };
    // The kernels of wasm correlate: a true convolution is kept turned and shown as its formula writes it.
    if (config.kernelMode === 'convolution') {
      const turn = (values: Float32Array): Float32Array => rot180(values, kernelHeight * kernelWidth);
      kernel.storage = { shape: kernel.shape, toStorage: turn, fromStorage: turn };
    }
    const bias: WeightSpec = { name: 'bias', shape: [config.filters], initializer: config.biasInitializer, ...fans };
    return config.useBias ? [kernel, bias] : [kernel];
  },

  lower({ name, where, config, inputs, builder, weights }) {
    const source = config.channelMode === 'shared' ? channelSum(builder, name, inputs[0]!) : inputs[0]!;
    const geometry = geometryOf(where, config, builder.tensor(source).shape);
    const { winograd } = builder;
    const output = builder.node({
      layer: name,
      op: 'conv2d',
      inputs: [source],
      weights,
      outputName: `${name}/a`,
      outputShape: [geometry.outHeight, geometry.outWidth, geometry.outChannels],
      epilogue: 'linear',
      forward: ({ input, weight, output }, activation) => [
        step(
          'conv2dForward',
          name,
          { input: input(), weight: weight('kernel'), bias: weight('bias'), output },
          { geometry, winograd, activation },
        ),
      ],
      backward: ({ input, weight, gradOutput, gradInput, gradWeight, accumulate }) => {
        const steps = [];
        if (gradWeight('kernel') !== undefined) {
          const gradients = { gradWeight: gradWeight('kernel'), gradBias: gradWeight('bias') };
          const operands = { input: input(), gradOutput, ...gradients };
          steps.push(step('conv2dBackwardWeight', name, operands, { geometry, winograd, accumulate }));
        }
        if (gradInput() !== undefined) {
          const operands = { gradOutput, weight: weight('kernel'), gradInput: gradInput() };
          steps.push(step('conv2dBackwardInput', name, operands, { geometry, winograd }));
        }
        return steps;
      },
    });
    return activate(builder, name, output, config.activation);
  },
};

/**
 * 2D convolution layer: `output[n,y,x,o] = bias[o] + sum_{i,j,c} input[n, y*s+i-p, x*s+j-p, c] * kernel[i,j,c,o]`
 * (cross-correlation, as in Keras; with `kernelMode: 'convolution'` the kernel is indexed `[kh-1-i, kw-1-j]`).
 * Input `[N, height, width, channels]`, output `[N, outHeight, outWidth, filters]`, kernel
 * `[kernelHeight, kernelWidth, channels, filters]`, bias `[filters]`. With `channelMode: 'shared'` the kernel is
 * `[kernelHeight, kernelWidth, 1, filters]`, the same for every `c`, and computed as a convolution of the channels' sum.
 * Throws an OptionError for options it does not know, and, when the model is built, a ShapeError when the kernel does
 * not fit the padded input. Source: MODEL eq. 20 (convolution mode), 21, 22 (gradients), section 4
 * (shared).
 */
export function conv2d(options: Conv2dOptions): Layer {
  return makeLayer(conv2dDef, options);
}
