import type { Sequential } from '../model/sequential.ts';
import type { LayerRates, Optimizer } from '../optimizers/optimizer.ts';
import { sgd } from '../optimizers/sgd.ts';
import { checkKnown, number } from '../options.ts';

/** The paper's learning rates. The loss is a sum over the batch, so rates go with 1 / batchSize; none has a default. */
export interface PaperRates {
  /** Of the output layer. */
  eta: number;
  /** Of fully connected layers. */
  alpha: number;
  /** Of convolutions. */
  beta: number;
  /** Rates of single layers by name, instead of these. A rate of 0 leaves a layer untouched, bit for bit. */
  perLayer?: LayerRates;
}

/**
 * Plain gradient descent with the paper's rates: eta for the last layer that has weights, alpha for other dense layers,
 * beta for convolutions. Throws an OptionError for a rate that is no number >= 0. Source: MODEL section 3 (update).
 */
export function paperSgd(model: Sequential, rates: PaperRates): Optimizer {
  checkKnown('paperSgd', rates, ['eta', 'alpha', 'beta', 'perLayer']);
  const [eta, alpha, beta] = (['eta', 'alpha', 'beta'] as const).map((name) =>
    number('paperSgd', name, rates[name], 0),
  ) as [number, number, number];
  const weighted = model.layers.filter(({ weights }) => weights.length > 0);
  const rateOf = ({ kind }: { kind: string }, index: number): number => {
    if (index === weighted.length - 1) return eta;
    return kind === 'conv2d' ? beta : alpha;
  };
  const byPlace = Object.fromEntries(weighted.map((layer, index) => [layer.name, rateOf(layer, index)]));
  return sgd({ learningRate: alpha, perLayer: { ...byPlace, ...rates.perLayer } });
}
