/** An axis of a chart: where values lie on it, 0 to 1, and which of them are labelled. */
export interface Axis {
  ticks: readonly number[];
  position(value: number): number;
}

/** From 0 to `max` or the next round number, with four to six labels. */
export function linearAxis(max: number): Axis {
  let unit = 1;
  while (unit > max / 10) unit /= 10;
  while (unit * 10 <= max / 10) unit *= 10;
  const step = [1, 2, 5, 10, 20].map((factor) => factor * unit).find((candidate) => candidate * 5 >= max)!;
  const ticks = Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  const end = ticks.at(-1)!;
  return { ticks, position: (value) => value / end };
}

/** Logarithmic, from the power of ten below `min` to that above `max`; both above 0. */
export function logAxis(min: number, max: number): Axis {
  const first = Math.floor(Math.log10(min));
  const last = Math.max(first + 1, Math.ceil(Math.log10(max)));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  return { ticks, position: (value) => (Math.log10(value) - first) / (last - first) };
}
