import { OptionError } from '../errors.ts';
import { checkKnown, number, oneOf } from '../options.ts';

/** How a weight gets its first values, as plain data. Fans are those of the weight's layer. */
export type Initializer =
  | { name: 'constant'; value: number }
  | { name: 'randomUniform'; minValue: number; maxValue: number }
  | { name: 'randomNormal'; mean: number; stddev: number }
  | {
      name: 'varianceScaling';
      scale: number;
      mode: 'fanIn' | 'fanOut' | 'fanAvg';
      distribution: 'normal' | 'truncatedNormal' | 'uniform';
    };

const scaled = (scale: number, mode: 'fanIn' | 'fanAvg', distribution: 'truncatedNormal' | 'uniform'): Initializer => ({
  name: 'varianceScaling',
  scale,
  mode,
  distribution,
});

/** Keras' names for the usual ones. */
const named = {
  zeros: { name: 'constant', value: 0 },
  ones: { name: 'constant', value: 1 },
  glorotUniform: scaled(1, 'fanAvg', 'uniform'),
  glorotNormal: scaled(1, 'fanAvg', 'truncatedNormal'),
  heUniform: scaled(2, 'fanIn', 'uniform'),
  heNormal: scaled(2, 'fanIn', 'truncatedNormal'),
  lecunUniform: scaled(1, 'fanIn', 'uniform'),
  lecunNormal: scaled(1, 'fanIn', 'truncatedNormal'),
} as const satisfies Record<string, Initializer>;

/** What options take: one of Keras' names or an object made by `initializers`. */
export type InitializerOption = keyof typeof named | Initializer;

/** Initializers with parameters, by Keras' names. */
export const initializers = {
  /** Every entry `value`. */
  constant: ({ value }: { value: number }): Initializer => ({ name: 'constant', value }),
  /** Uniform in (minValue, maxValue); default (-0.05, 0.05). */
  randomUniform: ({ minValue = -0.05, maxValue = 0.05 } = {}): Initializer => ({
    name: 'randomUniform',
    minValue,
    maxValue,
  }),
  /** Normal; default mean 0, stddev 0.05. */
  randomNormal: ({ mean = 0, stddev = 0.05 } = {}): Initializer => ({ name: 'randomNormal', mean, stddev }),
  /** Variance `scale / fan`; the base of the He, Glorot and LeCun initializers. */
  varianceScaling: (options: Omit<Extract<Initializer, { name: 'varianceScaling' }>, 'name'>): Initializer => ({
    name: 'varianceScaling',
    ...options,
  }),
};

/** Throws an OptionError unless `value` is a known name or a complete initializer. */
export function checkInitializer(where: string, option: string, value: unknown): Initializer {
  if (typeof value === 'string') {
    return named[oneOf(where, option, value, Object.keys(named) as (keyof typeof named)[])];
  }
  const initializer = value as Initializer;
  const at = `${where}: ${option}`;
  switch (initializer?.name) {
    case 'constant':
      checkKnown(at, value, ['name', 'value']);
      number(where, `${option}.value`, initializer.value);
      break;
    case 'randomUniform':
      checkKnown(at, value, ['name', 'minValue', 'maxValue']);
      number(
        where,
        `${option}.maxValue`,
        initializer.maxValue,
        number(where, `${option}.minValue`, initializer.minValue),
      );
      break;
    case 'randomNormal':
      checkKnown(at, value, ['name', 'mean', 'stddev']);
      number(where, `${option}.mean`, initializer.mean);
      number(where, `${option}.stddev`, initializer.stddev, 0);
      break;
    case 'varianceScaling':
      checkKnown(at, value, ['name', 'scale', 'mode', 'distribution']);
      number(where, `${option}.scale`, initializer.scale, 0);
      oneOf(where, `${option}.mode`, initializer.mode, ['fanIn', 'fanOut', 'fanAvg']);
      oneOf(where, `${option}.distribution`, initializer.distribution, ['normal', 'truncatedNormal', 'uniform']);
      break;
    default:
      throw new OptionError(`${at} must be a name or an initializer, got ${JSON.stringify(value)}`);
  }
  return { ...initializer };
}

/** A distribution to draw from, its parameters worked out. */
export type Distribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; stddev: number; truncated: boolean };

/** Stddev of a standard normal cut at +-2, by which Keras divides so that the variance comes out as asked. */
const TRUNCATED_STDDEV = 0.8796256610342398;

/** The distribution of an initializer for a weight with these fans. */
export function distributionOf(initializer: Initializer, fanIn: number, fanOut: number): Distribution {
  switch (initializer.name) {
    case 'constant':
      return { kind: 'constant', value: initializer.value };
    case 'randomUniform':
      return { kind: 'uniform', low: initializer.minValue, high: initializer.maxValue };
    case 'randomNormal':
      return { kind: 'normal', mean: initializer.mean, stddev: initializer.stddev, truncated: false };
    case 'varianceScaling': {
      const fans = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 };
      const variance = initializer.scale / Math.max(1, fans[initializer.mode]);
      if (initializer.distribution === 'uniform') {
        const limit = Math.sqrt(3 * variance);
        return { kind: 'uniform', low: -limit, high: limit };
      }
      const truncated = initializer.distribution === 'truncatedNormal';
      return { kind: 'normal', mean: 0, stddev: Math.sqrt(variance) / (truncated ? TRUNCATED_STDDEV : 1), truncated };
    }
  }
}
