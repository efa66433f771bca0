import { OptionError } from '../errors.ts';
import { describe } from '../ndarray.ts';

/**
 * Which of Winograd's algorithms convolutions may take. `auto`: whichever way is fastest for the shape. `f2`: of
 * Winograd's only F(2x2,3x3), which is as exact as direct convolution. `false`: none. The six-point ones of `auto` take
 * fewest multiplications and are off by up to 2e-5 of the largest entry at 512 channels, 6e-6 at 64 (docs/accuracy.md).
 */
export type Winograd = 'auto' | 'f2' | false;

const codes: ReadonlyMap<unknown, number> = new Map<Winograd, number>([
  ['auto', 0],
  ['f2', 1],
  [false, 2],
]);

/** The code by which wasm knows it. */
export function winogradCode(winograd: Winograd): number {
  return codes.get(winograd)!;
}

/** `value`, when it is one of the choices; `auto` when undefined. Throws an OptionError otherwise. */
export function checkWinograd(where: string, value: unknown = 'auto'): Winograd {
  if (!codes.has(value)) {
    throw new OptionError(`${where}: winograd must be "auto", "f2" or false, got ${describe(value)}`);
  }
  return value as Winograd;
}
