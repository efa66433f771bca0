import type { Sequential } from '../model/sequential.ts';
import { PaperLayers, type PaperNetworkOptions } from './paperLayers.ts';

/** Options of {@link seedThreeLayer}. */
export interface SeedThreeLayerOptions extends PaperNetworkOptions {
  /** [height, width, channels] of one picture. Default `[24, 24, 1]`. */
  inputShape?: readonly [number, number, number];
  /** Convolution kernels, 3 x 3. Default 32. */
  filters?: number;
  /** Of the convolution. Default 1. */
  strides?: number;
  /** Of the convolution: with one input channel, `full` (default) and `shared` are the same. */
  channelMode?: 'full' | 'shared';
  /** Outputs of the fully connected layer. Default 2048. */
  units?: number;
}

/**
 * The paper's three-layer network: `conv1` (3 x 3, valid), `pool1` (2 x 2, an odd edge padded with zeros at bottom and
 * right), `flatten`, `fc1`, `out`. Input `[N, 24, 24, 1]`, output `[N, 10]`; 7,952,714 parameters at the default sizes.
 * With `rates` it comes ready to train as the paper does, else compile it. Throws an OptionError for options it does not
 * know. Source: MODEL sections 1, 3, 8.
 */
export function seedThreeLayer(options: SeedThreeLayerOptions = {}): Sequential {
  const { inputShape = [24, 24, 1], filters = 32, strides = 1, channelMode = 'full', units = 2048, ...rest } = options;
  const net = new PaperLayers('seedThreeLayer', rest, ['inputShape', 'filters', 'strides', 'channelMode', 'units']);
  net.input(inputShape);
  net.conv('conv1', filters, 3, strides, channelMode);
  net.pool('pool1');
  net.flatten();
  net.dense('fc1', units);
  return net.finish();
}
