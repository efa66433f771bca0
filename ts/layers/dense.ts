import { ShapeError } from '../errors.ts';
import { checkInitializer, type Initializer, type InitializerOption } from '../model/initializers.ts';
import { makeLayer, type Layer, type LayerDef, type LayerOptions, type WeightSpec } from '../model/layer.ts';
import { DESCENT_SAMPLES } from '../ops/densePanels.ts';
import { boolean, integer } from '../options.ts';
import { step } from '../plan/plan.ts';
import { batchShape, sizeOf } from '../shape.ts';
import { activate, checkActivation, type ActivationName } from './activate.ts';
import { densePanels } from './densePanels.ts';

/** Options of {@link dense}. */
export interface DenseOptions extends LayerOptions {
  /** Number of outputs. */
  units: number;
  /** Default `linear`. */
  activation?: ActivationName | 'identity';
  /** Default `true`. */
  useBias?: boolean;
  /** Default `glorotUniform`. */
  kernelInitializer?: InitializerOption;
  /** Default `zeros`. */
  biasInitializer?: InitializerOption;
}

interface Config {
  units: number;
  activation: ActivationName;
  useBias: boolean;
  kernelInitializer: Initializer;
  biasInitializer: Initializer;
}

export const denseDef: LayerDef<Config> = {
  kind: 'dense',
  options: ['units', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer'],

  configure(where, options) {
    return {
      units: integer(where, 'units', options.units),
      activation: checkActivation(where, options.activation),
      useBias: boolean(where, 'useBias', options.useBias ?? true),
      kernelInitializer: checkInitializer(where, 'kernelInitializer', options.kernelInitializer ?? 'glorotUniform'),
      biasInitializer: checkInitializer(where, 'biasInitializer', options.biasInitializer ?? 'zeros'),
    };
  },

  outputShape(where, config, [input]) {
    if (input!.length !== 1) {
      const expected = `[N, ${sizeOf(input!)}]`;
      throw new ShapeError(`${where}: expected input ${expected}, got ${batchShape(input!)}; add flatten() before it`);
    }
    return [config.units];
  },

  weights({ units, useBias, kernelInitializer, biasInitializer }, [input]) {
    const fans = { fanIn: input![0]!, fanOut: units };
    const kernel: WeightSpec = {
      name: 'kernel',
      shape: [input![0]!, units],
      initializer: kernelInitializer,
      ...fans,
      storage: densePanels(input![0]!, units),
    };
    const bias: WeightSpec = { name: 'bias', shape: [units], initializer: biasInitializer, ...fans };
    return useBias ? [kernel, bias] : [kernel];
  },

  lower({ name, config, inputs, builder, weights }) {
    const { units } = config;
    const sizes = { inputs: builder.tensor(inputs[0]!).shape[0]!, units };
    const output = builder.node({
      layer: name,
      op: 'dense',
      inputs,
      weights,
      outputName: `${name}/a`,
      outputShape: [units],
      epilogue: 'linear',
      forward: ({ input, weight, output }, activation) => [
        step(
          'densePanelsForward',
          name,
          { input: input(), weight: weight('kernel'), bias: weight('bias'), output },
          { ...sizes, activation },
        ),
      ],
      backward: ({ input, weight, gradOutput, gradInput, gradWeight, accumulate }) => {
        const steps = [];
        if (gradWeight('kernel') !== undefined) {
          const gradients = { gradWeight: gradWeight('kernel'), gradBias: gradWeight('bias') };
          const operands = { input: input(), gradOutput, ...gradients };
          steps.push(step('densePanelsBackwardWeight', name, operands, { ...sizes, accumulate }));
        }
        if (gradInput() !== undefined) {
          const operands = { gradOutput, weight: weight('kernel'), gradInput: gradInput() };
          steps.push(step('densePanelsBackwardInput', name, operands, sizes));
        }
        return steps;
      },
      descent: {
        maxBatch: DESCENT_SAMPLES,
        steps: ({ input, weight, gradOutput, gradWeight }) => {
          const own = { weight: weight('kernel'), bias: weight('bias'), gradBias: gradWeight('bias') };
          return [step('densePanelsDescend', name, { input: input(), gradOutput, ...own }, sizes)];
        },
      },
    });
    return activate(builder, name, output, config.activation);
  },
};

/**
 * Fully connected layer: `output = activation(input kernel + bias)`.
 * Input `[N, inputs]`, output `[N, units]`, kernel `[inputs, units]`, bias `[units]`.
 * Throws an OptionError for unknown options, and, when the model is built, a ShapeError for input that is not flat.
 * Source: MODEL eq. 6, 13 (forward), 5, 8, 14, 15 (gradients).
 */
export function dense(options: DenseOptions): Layer {
  return makeLayer(denseDef, options);
}
