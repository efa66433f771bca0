import { linearAxis, type Axis } from './axis.ts';

/** What a {@link LineChart} shows. */
export interface LineChartOptions {
  xLabel: string;
  yLabel: string;
  /** The y axis for these values, none at first. */
  yAxis: (values: readonly number[]) => Axis;
  formatY: (value: number) => string;
}

interface Point {
  x: number;
  y: number;
}

/** Points kept at most; a wide chart has about a thousand pixels. */
const maxPoints = 400;
const margin = { top: 8, right: 16, bottom: 38, left: 62 };
const svgNamespace = 'http://www.w3.org/2000/svg';

/** A curve in an SVG element, with both axes. Beyond {@link maxPoints} neighbours are averaged in pairs. */
export class LineChart {
  readonly #svg: SVGSVGElement;
  readonly #options: LineChartOptions;
  #points: Point[] = [];
  /** Values averaged in one point, and those of the point that is not full yet. */
  #perPoint = 1;
  #pending: number[] = [];
  #xEnd = 10;

  constructor(svg: SVGSVGElement, options: LineChartOptions) {
    this.#svg = svg;
    this.#options = options;
    // Also draws the empty chart, as soon as the size is known.
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  add(x: number, y: number): void {
    this.#pending.push(y);
    if (this.#pending.length < this.#perPoint) return;
    this.#points.push({ x, y: mean(this.#pending) });
    this.#pending = [];
    if (this.#points.length < maxPoints) return;
    this.#points = this.#points.flatMap((point, i, all) =>
      i % 2 === 0 ? [] : { x: point.x, y: mean([all[i - 1]!.y, point.y]) },
    );
    this.#perPoint *= 2;
  }

  /** Draws the curve on an x axis that reaches to `xEnd` at least. */
  draw(xEnd: number = this.#xEnd): void {
    this.#xEnd = Math.max(this.#xEnd, xEnd);
    const { xLabel, yLabel, yAxis, formatY } = this.#options;
    const { clientWidth: width, clientHeight: height } = this.#svg;
    const right = width - margin.right;
    const bottom = height - margin.bottom;
    const horizontal = linearAxis(this.#xEnd);
    const vertical = yAxis(this.#points.map(({ y }) => y));
    const toX = (x: number): number => margin.left + horizontal.position(x) * (right - margin.left);
    const toY = (y: number): number => bottom - vertical.position(y) * (bottom - margin.top);
    const beside = `translate(12 ${(margin.top + bottom) / 2}) rotate(-90)`;
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#svg.setAttribute('aria-label', this.#describe());
    this.#svg.replaceChildren(
      ...vertical.ticks.flatMap((y) => [
        element('line', { class: 'rule', x1: margin.left, x2: right, y1: toY(y), y2: toY(y) }),
        element('text', { class: 'end', x: margin.left - 8, y: toY(y) + 4 }, formatY(y)),
      ]),
      ...horizontal.ticks.map((x) =>
        element('text', { class: 'middle', x: toX(x), y: bottom + 16 }, x.toLocaleString()),
      ),
      element('text', { class: 'axis middle', x: (margin.left + right) / 2, y: height - 4 }, xLabel),
      element('text', { class: 'axis middle', transform: beside }, yLabel),
      element('polyline', { class: 'curve', points: this.#points.map(({ x, y }) => `${toX(x)},${toY(y)}`).join(' ') }),
    );
  }

  #describe(): string {
    const { xLabel, yLabel, formatY } = this.#options;
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    const axes = `Line chart of ${yLabel} over ${xLabel}`;
    if (first === undefined || last === undefined) return `${axes}, empty so far`;
    return `${axes}: from ${formatY(first.y)} to ${formatY(last.y)} at ${last.x}`;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function element(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}
