/** An optimizer by Keras' names, every option spelled out or absent where it is off. */
export type ReferenceOptimizer =
  | { name: 'sgd'; learningRate: number; momentum?: number; nesterov?: boolean; weightDecay?: number }
  | { name: 'adam'; learningRate: number; beta1: number; beta2: number; epsilon: number; weightDecay?: number }
  | { name: 'adamw'; learningRate: number; beta1: number; beta2: number; epsilon: number; weightDecay: number };

/** New values of one tensor from its values and their gradient; what a rule keeps, it keeps for this tensor. */
export type Update = (values: ArrayLike<number>, gradient: ArrayLike<number>, rate?: number) => number[];

/** The textbook formulas in float64. The rate may differ from step to step; default the optimizer's own. */
export function referenceUpdate(optimizer: ReferenceOptimizer): Update {
  const direction = optimizer.name === 'sgd' ? sgdDirection(optimizer) : adamDirection(optimizer);
  const { learningRate, weightDecay = 0 } = optimizer;
  return (values, gradient, rate = learningRate) =>
    Array.from(values, (value, i) => {
      const along = direction(gradient[i]!, i);
      return value - rate * weightDecay * value - rate * along;
    });
}

type Direction = (gradient: number, index: number) => number;

/** Sutskever et al. 2013 as PyTorch writes it: the velocity holds no rate. */
function sgdDirection({ momentum = 0, nesterov = false }: ReferenceOptimizer & { name: 'sgd' }): Direction {
  const velocity: number[] = [];
  return (gradient, i) => {
    const v = momentum * (velocity[i] ?? 0) + gradient;
    velocity[i] = v;
    return nesterov ? gradient + momentum * v : v;
  };
}

/** Kingma and Ba 2015, algorithm 1. */
function adamDirection({ beta1, beta2, epsilon }: ReferenceOptimizer & { name: 'adam' | 'adamw' }): Direction {
  const kept: { m: number; v: number; t: number }[] = [];
  return (gradient, i) => {
    const state = (kept[i] ??= { m: 0, v: 0, t: 0 });
    state.t++;
    state.m = beta1 * state.m + (1 - beta1) * gradient;
    state.v = beta2 * state.v + (1 - beta2) * gradient ** 2;
    const mHat = state.m / (1 - beta1 ** state.t);
    const vHat = state.v / (1 - beta2 ** state.t);
    return mHat / (Math.sqrt(vHat) + epsilon);
  };
}
