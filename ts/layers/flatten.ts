import { makeLayer, type Layer, type LayerDef, type LayerOptions } from '../model/layer.ts';
import { oneOf } from '../options.ts';
import { step } from '../plan/plan.ts';
import { sizeOf } from '../shape.ts';

/** Options of {@link flatten}. */
export interface FlattenOptions extends LayerOptions {
  /**
   * Order of the elements: `channelsLast` (default, as they lie in memory) or `channelsFirst`, index
   * `channel * height * width + row * width + column`.
   */
  order?: 'channelsLast' | 'channelsFirst';
}

interface Config {
  order: 'channelsLast' | 'channelsFirst';
}

export const flattenDef: LayerDef<Config> = {
  kind: 'flatten',
  options: ['order'],

  configure(where, options) {
    return { order: oneOf(where, 'order', options.order ?? 'channelsLast', ['channelsLast', 'channelsFirst']) };
  },

  outputShape: (_, __, [input]) => [sizeOf(input!)],

  lower({ name, config, inputs, builder }) {
    const { shape } = builder.tensor(inputs[0]!);
    const size = sizeOf(shape);
    const [height = 1, width = 1, channels = 1] = shape;
    const sameOrder = shape.length !== 3 || channels === 1 || height * width === 1;
    if (config.order === 'channelsLast' || sameOrder) return builder.alias(`${name}/t`, inputs[0]!, [size]);
    const plane = { height, width, channels };
    return builder.node({
      layer: name,
      op: 'flatten',
      inputs,
      weights: {},
      outputName: `${name}/t`,
      outputShape: [size],
      forward: ({ input, output }) => [step('nhwcToNchw', name, { input: input(), output }, plane)],
      backward: ({ gradOutput, gradInput }) =>
        gradInput() === undefined ? [] : [step('nchwToNhwc', name, { input: gradOutput, output: gradInput() }, plane)],
    });
  },
};

/** `[N, ...]` as `[N, product of the rest]`. Without a copy where the order stays. Source: MODEL section 2, eq. 13. */
export function flatten(options: FlattenOptions = {}): Layer {
  return makeLayer(flattenDef, options);
}
