import { initializers, type InitializerOption } from '../model/initializers.ts';
import { checkKnown } from '../model/options.ts';
import type { SequentialOptions } from '../model/modelOptions.ts';
import { sequential, type Sequential } from '../model/sequential.ts';
import { layers } from '../layers/index.ts';
import type { ActivationName } from '../layers/activate.ts';

/** Options of {@link seedThreeLayer}; the defaults are those of the paper, or of MODEL section 8 where it is silent. */
export interface SeedThreeLayerOptions extends SequentialOptions {
  /** [height, width, channels] of one picture. Default `[24, 24, 1]`. */
  inputShape?: readonly [number, number, number];
  /** Convolution kernels, 3 x 3. Default 32. */
  filters?: number;
  /** Outputs of the fully connected layer. Default 2048. */
  units?: number;
  /** Outputs of the network. Default 10. */
  classes?: number;
  /** f1, behind the convolution. Default `relu`. */
  activation1?: ActivationName;
  /** f3, behind the fully connected layer. Default `relu`. */
  activation3?: ActivationName;
  /** f4, at the output. Default `linear`, the only one for which the loss is convex in the output weights. */
  activation4?: ActivationName;
  /** Default `convolution`, the paper's. */
  kernelMode?: 'convolution' | 'correlation';
}

/** Normal, of standard deviation sqrt(2 / fanIn) before relu and sqrt(1 / fanIn) elsewhere (MODEL section 8). */
function normal(activation: ActivationName): InitializerOption {
  const scale = activation === 'relu' ? 2 : 1;
  return initializers.varianceScaling({ scale, mode: 'fanIn', distribution: 'normal' });
}

/**
 * The paper's three-layer network: `conv1` (3 x 3, valid), `pool1` (2 x 2, an odd edge padded with zeros at bottom and
 * right), `fc1`, `out`. Input `[N, 24, 24, 1]`, output `[N, 10]`; 7,952,714 parameters at the default sizes. Compile it
 * with `halfSquaredError` and plain SGD to train it as the paper does. Source: MODEL sections 1, 3, 8.
 */
export function seedThreeLayer(options: SeedThreeLayerOptions = {}): Sequential {
  const { activation1 = 'relu', activation3 = 'relu', activation4 = 'linear', ...rest } = options;
  const {
    inputShape = [24, 24, 1],
    filters = 32,
    units = 2048,
    classes = 10,
    kernelMode = 'convolution',
    ...model
  } = rest;
  checkKnown('seedThreeLayer', model, ['seed', 'engine', 'name']);
  return sequential(
    [
      layers.input({ shape: inputShape, name: 'x' }),
      layers.conv2d({
        name: 'conv1',
        filters,
        kernelSize: 3,
        kernelMode,
        activation: activation1,
        kernelInitializer: normal(activation1),
      }),
      layers.maxPooling2d({ name: 'pool1', poolSize: 2, rounding: 'ceil', padSide: 'end', padValue: 'zero' }),
      layers.flatten({ name: 'flatten', order: 'channelsFirst' }),
      layers.dense({ name: 'fc1', units, activation: activation3, kernelInitializer: normal(activation3) }),
      layers.dense({ name: 'out', units: classes, activation: activation4, kernelInitializer: normal(activation4) }),
    ],
    { name: 'seedThreeLayer', ...model },
  );
}
