import type { Engine } from '../engine/engine.ts';
import { allSteps, type Plan } from '../plan/plan.ts';
import { kernelDemands, type Choice } from '../plan/prepare.ts';
import { batchShape, sizeOf } from '../shape.ts';
import { makePlan, type Compiled } from '../train/session.ts';
import type { Architecture } from './architecture.ts';

/** What a summary is about. */
export interface SummaryContext {
  batchSize: number;
  compiled: Compiled | undefined;
  /** Knows how kernels compute, and what scratch memory they need. */
  engine: Engine | undefined;
}

/** The text of `model.summary()`. Memory is that of the plans for `batchSize`; nothing is allocated. */
export function summarize(name: string, architecture: Architecture, context: SummaryContext): string {
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
    ...planLines(architecture, context),
  ].join('\n');
}

function planLines(architecture: Architecture, { batchSize, compiled, engine }: SummaryContext): string[] {
  const purposes = compiled === undefined ? (['predict'] as const) : (['train', 'predict'] as const);
  const plans = purposes.map((purpose) => {
    const plan = makePlan(architecture, purpose, batchSize, compiled);
    const demands = engine?.state === 'live' ? kernelDemands(engine, allSteps(plan)) : undefined;
    return { title: `Memory, ${purpose}, batch ${batchSize}`, plan, demands };
  });
  const memory = plans.map(({ title, plan, demands }) => `${title}: ${memoryOf(plan, demands?.workspaceBytes)}`);
  // The first has the passes of all others.
  return [...memory, ...choiceLines(plans[0]!.demands?.choices ?? [])];
}

function memoryOf({ blockBytes, liveBytes }: Plan, workspace: number | undefined): string {
  const { parameters, gradients, optimizer, state, work } = blockBytes;
  const lasting = parameters + gradients + optimizer + state + (workspace ?? 0);
  return (
    `peak ${mebibytes(lasting + work)} MiB ` +
    `(parameters ${mebibytes(parameters)}, gradients ${mebibytes(gradients)}, optimizer ${mebibytes(optimizer)}, ` +
    `activations ${mebibytes(work)}, workspace ${workspace === undefined ? 'not known before init()' : mebibytes(workspace)}); ` +
    `${mebibytes(lasting + liveBytes)} MiB of it live at one time`
  );
}

/** One line for each layer that has ways to choose from. */
function choiceLines(choices: readonly Choice[]): string[] {
  const layers = new Map<string, string[]>();
  for (const { step, algorithm } of choices) layers.set(step.layer, [...(layers.get(step.layer) ?? []), algorithm]);
  return [...layers].map(([layer, passes]) => `${layer}: ${passes.join(', ')}`);
}

function mebibytes(bytes: number): string {
  return (bytes / 1048576).toFixed(2);
}
