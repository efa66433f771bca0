import { sgd, type Sequential, type UpdateOrder } from 'fourlane';
import { costsOf, workOfStep } from '../experiment/work.ts';
import type { Method, Rates } from './method.ts';

/** Rates by layer, for `perLayer`; layers that are not named stay as they are. */
export function ratesOf(model: Sequential, { eta, alpha }: Rates, only?: readonly string[]): Record<string, number> {
  const { layers } = costsOf(model.layers);
  const rate = (layer: string): number => (layer === layers.at(-1) ? eta : alpha);
  return Object.fromEntries(
    layers.map((layer) => [layer, only === undefined || only.includes(layer) ? rate(layer) : 0]),
  );
}

/** An order that the engine knows, one step after the other. */
function inOrder(name: string, order: UpdateOrder): Method {
  return {
    name,
    timed: true,
    *train(model, rates, batch) {
      const optimizer = sgd({ perLayer: ratesOf(model, rates) });
      model.compile({ loss: 'halfSquaredError', optimizer, updateOrder: order });
      const work = workOfStep(order, costsOf(model.layers).layers.length);
      for (let step = 0; ; step++) {
        const { x, y } = batch(step);
        yield { loss: model.trainOnBatch(x, y, { stopOnNonFiniteLoss: false }).loss!, work };
      }
    },
  };
}

export const joint: Method = inOrder('joint', 'joint');
export const sequentialOrder: Method = inOrder('sequential', 'sequential');
export const gaussSeidel: Method = inOrder('gaussSeidel', 'gaussSeidel');

/** `updates` of the output layer, then one of all others. */
export function block(updates: number): Method {
  return inOrder(`block(${updates})`, { block: updates });
}
