import type { Inspection } from '../inspect/inspect.ts';
import type { LayerInfo } from '../model/architecture.ts';
import type { NDArray } from '../ndarray.ts';
import { samplesToPaper, weightToPaper } from './paperLayout.ts';
import { gradientName, paperNamesOf, type PaperValue } from './paperNames.ts';

/** Everything that a pass computes, by the paper's names and in its layouts: channels before rows and columns. */
export type PaperValues = Readonly<Record<string, NDArray<Float32Array | Int32Array>>>;

const samples = ['a', 'z', 't', 'positions', 'delta', 'up'] as const satisfies readonly PaperValue[];

/** An inspection with the paper's values, made when first read. */
export function withPaperValues(layers: readonly LayerInfo[], inspection: Omit<Inspection, 'paper'>): Inspection {
  let paper: PaperValues | undefined;
  return Object.defineProperty(inspection as Inspection, 'paper', {
    get: () => (paper ??= paperValuesOf(layers, inspection)),
  });
}

/** Renames and turns what an inspection holds; all of it copies. */
export function paperValuesOf(layers: readonly LayerInfo[], inspection: Omit<Inspection, 'paper'>): PaperValues {
  const nameOf = paperNamesOf(layers);
  const values: Record<string, NDArray<Float32Array | Int32Array>> = {
    E: { data: Float32Array.of(inspection.loss), shape: [] },
    dX: samplesToPaper(inspection.inputGradient),
  };
  for (const layer of layers) {
    const own = inspection.layers[layer.name]!;
    for (const value of samples) {
      const [name, array] = [nameOf(layer.name, value), own[value]];
      if (name !== undefined && array !== undefined) values[name] = samplesToPaper<Float32Array | Int32Array>(array);
    }
    for (const [weight, gradient] of Object.entries(own.gradients)) {
      const name = nameOf(layer.name, weight as PaperValue) ?? `${layer.name}.${weight}`;
      values[gradientName(name)] = weightToPaper(layer, gradient);
    }
  }
  return values;
}
