import { sgd, type Sequential } from 'fourlane';
import { add, costsOf, pass, type Work } from '../experiment/work.ts';
import type { Batch } from '../problems/problem.ts';
import type { Call, Method, Rates } from './method.ts';
import { joint, ratesOf } from './orders.ts';

/** A layer has converged when one more of its updates would take less than this part off the loss. */
const CONVERGED = 1e-4;
/** Updates of a layer after which the next one has its turn all the same. */
const CAP = 2000;
/**
 * One model whose layers are updated one at a time. Compiled with `block(chunk)`: with only the output's rate above 0 a
 * call is that many updates of the output; with the output's rate 0 it is one update of the others.
 */
class LayerByLayer {
  readonly #model: Sequential;
  readonly #rates: Rates;
  readonly #batch: Batch;
  readonly layers: readonly string[];
  readonly #optimizer = sgd();
  readonly #chunk: number;

  constructor(model: Sequential, rates: Rates, batch: Batch, chunk: number) {
    [this.#model, this.#rates, this.#batch, this.#chunk] = [model, rates, batch, chunk];
    this.layers = costsOf(model.layers).layers;
    const updateOrder = { block: chunk };
    model.compile({ loss: 'halfSquaredError', optimizer: this.#optimizer, updateOrder });
  }

  /** Updates only these layers: the output `chunk` times, or others once. */
  update(only: readonly string[], work: Work): Call {
    this.#optimizer.perLayer = ratesOf(this.#model, this.#rates, only);
    const { loss } = this.#model.trainOnBatch(this.#batch.x, this.#batch.y, { stopOnNonFiniteLoss: false });
    return { loss: loss!, work };
  }

  /** One update of all layers but the output, behind a forward that is already there. */
  updateLower(): Call {
    const lower = this.layers.slice(0, -1);
    const all = lower.map((_, layer) => layer);
    return this.update(lower, pass(this.layers.length, [], all));
  }

  /** Updates one layer until it has converged, each time with a forward from it on. `first`: work on top of the first. */
  *converge(layer: number, first?: Work): Generator<Call, void, void> {
    const count = this.layers.length;
    const above = this.layers.map((_, other) => other).slice(layer);
    const updates = layer === count - 1 ? this.#chunk : 1;
    const work = pass(count, above, [layer], updates);
    let before = Infinity;
    for (let done = 0; done < CAP; done += updates) {
      const call = this.update([this.layers[layer]!], done === 0 && first !== undefined ? add(work, first) : work);
      yield call;
      if (!(call.loss < before * (1 - CONVERGED * updates))) return;
      before = call.loss;
    }
  }

  /** The same for the output, behind the forward of the layers below it, whose values all its updates share. */
  convergeOutput(): Generator<Call, void, void> {
    const top = this.layers.length - 1;
    const lower = this.layers.slice(0, top).map((_, layer) => layer);
    return this.converge(top, pass(this.layers.length, lower, []));
  }
}

/**
 * What the paper warns of: the best weights of a layer, nearly, before another is touched. `chunk` is the number of output
 * updates of a call, after which it is asked whether the output has converged.
 */
export function converging(chunk: number): Method[] {
  type Train = Method['train'];
  const begin = (...[model, rates, batch]: Parameters<Train>) => new LayerByLayer(model, rates, batch(0), chunk);
  return [
    {
      name: 'output converged each pass',
      timed: false,
      *train(...given) {
        const net = begin(...given);
        for (;;) {
          yield* net.convergeOutput();
          yield net.updateLower();
        }
      },
    },
    {
      name: 'output converged once, then joint',
      timed: false,
      *train(...given) {
        yield* begin(...given).convergeOutput();
        yield* joint.train(...given);
      },
    },
    {
      name: 'every layer converged in turn',
      timed: false,
      *train(...given) {
        const net = begin(...given);
        for (;;) {
          yield* net.convergeOutput();
          for (let layer = net.layers.length - 2; layer >= 0; layer--) yield* net.converge(layer);
        }
      },
    },
  ];
}
