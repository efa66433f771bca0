import type { Sequential } from '../model/sequential.ts';
import { PaperLayers, type PaperNetworkOptions } from './paperLayers.ts';

/** Options of {@link seedFiveLayer}. */
export interface SeedFiveLayerOptions extends PaperNetworkOptions {
  /** [height, width, channels] of one picture. Default `[13, 13, 1]`; `[24, 24, 1]` with `strides: 2` has the same planes. */
  inputShape?: readonly [number, number, number];
  /** Kernels of the first convolution, 3 x 3. Default 32. */
  filters1?: number;
  /** Of the first convolution. Default 1. */
  strides?: number;
  /** Kernels of the second convolution, 2 x 2. Default 64. */
  filters2?: number;
  /** Of the second convolution: one plane for all of its input maps (`shared`, default, as written) or one for each. */
  channelMode?: 'shared' | 'full';
  /** Outputs of the first fully connected layer. Default 2048. */
  units1?: number;
  /** Outputs of the second fully connected layer. Default 256. */
  units2?: number;
}

/**
 * The paper's five-layer network as far as it says: `conv1` (3 x 3), `pool1`, `conv2` (2 x 2), `pool2`, `flatten`, `fc1`,
 * `fc2`, `out`; poolings 2 x 2, an odd edge padded with zeros at bottom and right. Planes of 13, 11, 6, 5 and 3 a side.
 * Input `[N, 13, 13, 1]`, output `[N, 10]`; 1,709,450 parameters at the default sizes, 1,717,386 with `full` kernels.
 * With `rates` it comes ready to train as the paper does, else compile it. Throws an OptionError for options it does not
 * know. Source: MODEL sections 4, 8.
 */
export function seedFiveLayer(options: SeedFiveLayerOptions = {}): Sequential {
  const { inputShape = [13, 13, 1], filters1 = 32, strides = 1, filters2 = 64, ...others } = options;
  const { channelMode = 'shared', units1 = 2048, units2 = 256, ...rest } = others;
  const own = ['inputShape', 'filters1', 'strides', 'filters2', 'channelMode', 'units1', 'units2'];
  const net = new PaperLayers('seedFiveLayer', rest, own);
  net.input(inputShape);
  net.conv('conv1', filters1, 3, strides, 'full');
  net.pool('pool1');
  net.conv('conv2', filters2, 2, 1, channelMode);
  net.pool('pool2');
  net.flatten();
  net.dense('fc1', units1);
  net.dense('fc2', units2);
  return net.finish();
}
