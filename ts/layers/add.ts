import { ShapeError } from '../errors.ts';
import type { LayerDef } from '../model/layer.ts';
import { step } from '../plan/plan.ts';
import { batchShape, sameShape, sizeOf } from '../shape.ts';

/** Sum of two inputs of one shape, for graphs that branch. No public factory yet: a sequential model cannot use it. */
export const addDef: LayerDef<object> = {
  kind: 'add',
  options: [],
  configure: () => ({}),

  outputShape(where, _, inputs) {
    const [a, b] = inputs;
    if (inputs.length !== 2 || !sameShape(a!, b!)) {
      throw new ShapeError(`${where}: expected two inputs of one shape, got ${inputs.map(batchShape).join(' and ')}`);
    }
    return a!;
  },

  lower({ name, inputs, builder }) {
    const { shape } = builder.tensor(inputs[0]!);
    const size = sizeOf(shape);
    return builder.node({
      layer: name,
      op: 'add',
      inputs,
      weights: {},
      outputName: `${name}/z`,
      outputShape: shape,
      forward: ({ input, output }) => [step('add', name, { a: input(0), b: input(1), output }, { size })],
      // Copies, as later steps may change each gradient in place.
      backward: ({ gradOutput, gradInput }) =>
        [gradInput(0), gradInput(1)]
          .filter((output) => output !== undefined)
          .map((output) =>
            step('activationForward', name, { input: gradOutput, output }, { activation: 'linear', size }),
          ),
    });
  },
};
