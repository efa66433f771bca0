import { OptionError } from '../errors.ts';
import { integer } from '../options.ts';
import type { Padding } from './geometry.ts';

/** Checks a convolution's `padding` option. */
export function checkPadding(where: string, value: unknown): Padding {
  if (value === 'valid' || value === 'same') return value;
  const sides = Array.isArray(value) ? value : [];
  if (sides.length !== 2 || !sides.every((side) => Array.isArray(side) && side.length === 2)) {
    throw new OptionError(
      `${where}: padding must be "valid", "same" or [[top, bottom], [left, right]], got ${JSON.stringify(value)}`,
    );
  }
  const cells = sides.map((side: unknown[], axis) =>
    side.map((cell, end) => integer(where, `padding[${axis}][${end}]`, cell, 0)),
  );
  return [
    [cells[0]![0]!, cells[0]![1]!],
    [cells[1]![0]!, cells[1]![1]!],
  ];
}
