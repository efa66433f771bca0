import { sgd, type Optimizer } from '../../ts/entrypoints/node.ts';
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

const adamOptions = ['name', 'learningRate', 'beta1', 'beta2', 'epsilon'];

/** The optimizer of a cnn-training file. */
export function trainingOptimizer(value: unknown): Optimizer {
  const fields = record('config.optimizer', value);
  const name = oneOf('config.optimizer.name', fields.name, ['sgd', 'adam', 'adamw']);
  const { learningRate } = fields;
  if (typeof learningRate !== 'number')
    throw new Error(`config.optimizer: learningRate is ${JSON.stringify(learningRate)}`);
  switch (name) {
    case 'sgd':
      checkKnown('config.optimizer', fields, ['name', 'learningRate', 'momentum', 'nesterov']);
      // Without momentum there is nothing for Nesterov to look ahead with.
      if (!fields.momentum) return sgd({ learningRate });
      need(fields.nesterov ? 'sgd with nesterov' : 'sgd with momentum');
      break;
    case 'adam':
      checkKnown('config.optimizer', fields, adamOptions);
      need('optimizer adam');
      break;
    case 'adamw':
      checkKnown('config.optimizer', fields, [...adamOptions, 'weightDecay']);
      need('optimizer adamw');
      break;
  }
  throw new Error(`config.optimizer: ${JSON.stringify(fields)} is not mapped to the library yet`);
}
