import { adam, adamw, sgd, type Optimizer, type UpdateOrder } from '../../ts/entrypoints/node.ts';
import type { GoldenTraining } from './goldenModel.ts';
import { record } from './tensor.ts';
import { checkKnown, oneOf } from './words.ts';

const orders = ['joint', 'sequential', 'gauss-seidel', 'block'] as const;

/** One of the update orders of MODEL section 5, with a rate for each layer; `inner` is the number of updates in a block. */
export function orderTraining(
  what: string,
  order: unknown,
  perLayer: Record<string, number>,
  inner?: unknown,
): Required<GoldenTraining> {
  const known = oneOf(what, order, orders);
  const words: Record<typeof known, UpdateOrder> = {
    joint: 'joint',
    sequential: 'sequential',
    'gauss-seidel': 'gaussSeidel',
    // What is no number of updates is refused by the library.
    block: { block: inner as number },
  };
  return { optimizer: sgd({ learningRate: 0, perLayer }), updateOrder: words[known] };
}

const adamOptions = ['learningRate', 'beta1', 'beta2', 'epsilon'];

/** The optimizer of a cnn-training file, whose options go by the library's own names. */
export function trainingOptimizer(value: unknown): Optimizer {
  const { name, ...options } = record('config.optimizer', value);
  const known = oneOf('config.optimizer.name', name, ['sgd', 'adam', 'adamw']);
  if (typeof options.learningRate !== 'number')
    throw new Error(`config.optimizer: learningRate is ${JSON.stringify(options.learningRate)}`);
  switch (known) {
    case 'sgd':
      checkKnown('config.optimizer', options, ['learningRate', 'momentum', 'nesterov']);
      return sgd(options);
    case 'adam':
      // PyTorch's Adam adds a decay to the gradient, which the library's does not.
      checkKnown('config.optimizer', options, adamOptions);
      return adam(options);
    case 'adamw':
      checkKnown('config.optimizer', options, [...adamOptions, 'weightDecay']);
      return adamw(options);
  }
}
