import { OptionError } from './errors.ts';
import { describe } from './ndarray.ts';
import type { Pair } from './ops/geometry.ts';

/** Throws an OptionError for options that are no object, or hold a name that is not known. */
export function checkKnown(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(`${where}: expected an options object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new OptionError(`${where}: unknown option ${key}; known: ${known.join(', ')}`);
  }
}

/** `value`, when it is an integer of at least `least`. */
export function integer(where: string, name: string, value: unknown, least = 1): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new OptionError(`${where}: ${name} must be an integer >= ${least}, got ${describe(value)}`);
  }
  return value;
}

/** `value`, when it is an integer in [0, 2^32), which is what the generator of random numbers takes. */
export function seedOf(where: string, value: unknown): number {
  const seed = integer(where, 'seed', value, 0);
  if (seed > 0xffffffff) throw new OptionError(`${where}: seed must be below 2^32, got ${seed}`);
  return seed;
}

/** `value`, when it is a finite number in the closed range. */
export function number(where: string, name: string, value: unknown, least = -Infinity, most = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) {
    const range = least === -Infinity ? 'a finite number' : `a number in [${least}, ${most}]`;
    throw new OptionError(`${where}: ${name} must be ${range}, got ${describe(value)}`);
  }
  return value;
}

/** A number or [height, width], as a pair of integers of at least 1. */
export function pair(where: string, name: string, value: unknown): Pair {
  if (!Array.isArray(value)) {
    const both = integer(where, name, value);
    return [both, both];
  }
  if (value.length !== 2) {
    throw new OptionError(`${where}: ${name} must be a number or [height, width], got ${JSON.stringify(value)}`);
  }
  return [integer(where, `${name}[0]`, value[0]), integer(where, `${name}[1]`, value[1])];
}

/** `value`, when it is one of the names. */
export function oneOf<T extends string>(where: string, name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    const names = allowed.map((candidate) => `"${candidate}"`).join(', ');
    throw new OptionError(`${where}: ${name} must be one of ${names}, got ${describe(value)}`);
  }
  return found;
}

/** `value`, when it is true or false. */
export function boolean(where: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw new OptionError(`${where}: ${name} must be true or false, got ${describe(value)}`);
  }
  return value;
}
