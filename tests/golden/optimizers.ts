import { adam, adamw, sgd, type Optimizer } from '../../ts/entrypoints/node.ts';
import { need } from './features.ts';
import { record } from './tensor.ts';
import { checkKnown, oneOf } from './words.ts';

const orders = ['joint', 'sequential', 'gauss-seidel', 'block'] as const;

/** One of the update orders of MODEL section 5, with a rate for each layer, as an optimizer. */
export function orderOptimizer(what: string, order: unknown, perLayer: Record<string, number>): Optimizer {
  const known = oneOf(what, order, orders);
  if (known !== 'joint') {
    need(`update order ${known}`);
    throw new Error(`${what}: ${known} is not mapped to the library yet`);
  }
  return sgd({ learningRate: 0, perLayer });
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
