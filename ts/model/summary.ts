import { makePlan, type Compiled } from '../train/session.ts';
import { batchShape, sizeOf } from '../shape.ts';
import type { Architecture } from './architecture.ts';

/** The text of `model.summary()`. Memory is that of the plans for `batchSize`, worked out without an engine. */
export function summarize(
  name: string,
  architecture: Architecture,
  batchSize: number,
  compiled: Compiled | undefined,
): string {
  const rows = architecture.layers.map((layer) => [
    layer.name,
    layer.kind,
    batchShape(layer.outputShape),
    String(layer.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0)),
  ]);
  const header = ['Layer', 'Kind', 'Output shape', 'Parameters'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 3 ? cell.padStart(widths[3]!) : cell.padEnd(widths[column]!))).join('  ');
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const counted = architecture.layers.flatMap(({ trainable, weights }) =>
    weights.map((weight) => ({ size: sizeOf(weight.shape), trained: trainable && weight.trainable !== false })),
  );
  const total = counted.reduce((sum, { size }) => sum + size, 0);
  const trained = counted.reduce((sum, { size, trained }) => sum + (trained ? size : 0), 0);
  return [
    `Model "${name}", input ${batchShape(architecture.inputShape)}`,
    rule,
    line(header),
    rule,
    ...rows.map(line),
    rule,
    `Parameters: ${total} (${trained} trainable, ${total - trained} not)`,
    ...memoryLines(architecture, batchSize, compiled),
  ].join('\n');
}

function memoryLines(architecture: Architecture, batchSize: number, compiled: Compiled | undefined): string[] {
  const describe = (purpose: 'train' | 'predict'): string => {
    const { blockBytes, liveBytes } = makePlan(architecture, purpose, batchSize, compiled);
    const model = blockBytes.parameters + blockBytes.gradients + blockBytes.state + blockBytes.optimizer;
    return (
      `Memory, ${purpose}, batch ${batchSize}: ${mebibytes(model + blockBytes.work)} MiB ` +
      `(parameters ${mebibytes(blockBytes.parameters)}, gradients ${mebibytes(blockBytes.gradients)}, ` +
      `optimizer ${mebibytes(blockBytes.optimizer)}, activations ${mebibytes(blockBytes.work)} ` +
      `of which ${mebibytes(liveBytes)} live at one time)`
    );
  };
  return compiled === undefined ? [describe('predict')] : [describe('train'), describe('predict')];
}

function mebibytes(bytes: number): string {
  return (bytes / 1048576).toFixed(2);
}
