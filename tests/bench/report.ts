import type { ClockName } from './clocks.ts';
import type { Peak, WasmFile } from './machine.ts';
import { digits, markdownTable, percent } from './markdownTable.ts';
import type { PeerResult, RowResult } from './measureRow.ts';

/** Everything of one run. */
export interface Results {
  machine: string;
  date: string;
  threads: number;
  clock: ClockName;
  peak: Peak;
  initMs: number;
  files: readonly WasmFile[];
  /** Names, in the order of the columns. */
  peers: readonly string[];
  rows: readonly RowResult[];
  /** What was left out, and why. */
  skipped: readonly string[];
}

/** One row in a line, while the run goes on. */
export function rowLine(row: RowResult, peak: Peak): string {
  const peers = Object.entries(row.peers).map(([name, result]) => `${name} ${peerCell(result)}`);
  const errors = Object.entries(row.errors).map(([name, error]) => `${name}: ${error}`);
  const own = `${row.name} ${row.phase}`.padEnd(22) + `${digits(row.ms)} ms, ${percent(row.gflops / peak.all)} of peak`;
  return [own, ...peers, ...errors].join('; ');
}

/** The results as Markdown tables, for a README. */
export function markdown(results: Results): string {
  const { machine, date, threads, clock, peak, rows, files } = results;
  const builds = [...new Set(rows.map(({ build }) => build))].join(', ');
  const scaling = threads > 1 ? `, ${digits(peak.all)} on ${threads} (${(peak.all / peak.one).toFixed(2)} times)` : '';
  const head = [
    `${machine}; ${date}`,
    '',
    `Build ${builds || '-'}, ${threads === 1 ? 'one thread' : `${threads} threads`}. Peak of a loop over registers: ` +
      `${digits(peak.one)} GFLOP/s on one thread${scaling}. GFLOP/s count the direct algorithm. Of each peer: ms and, in ` +
      'brackets, its time by ours, measured in turn; above 1 we are faster.' +
      (clock === 'cpu' ? ' Times are those of the processor: the machine was shared.' : ''),
  ];
  return [
    ...head,
    rowTable(results),
    problems(results),
    startTable(rows),
    `\`init()\` in a fresh process: ${digits(results.initMs)} ms`,
    markdownTable(
      ['file', 'bytes', 'gzip'],
      files.map(({ name, bytes, gzip }) => [name, String(bytes), String(gzip)]),
    ),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
    .replaceAll('\n\n\n\n', '\n\n');
}

function rowTable({ rows, peers, peak, threads }: Results): string {
  const scaled = (row: RowResult): string => {
    const ratio = row.peers['one-thread']?.ratio;
    return ratio === undefined ? '' : (ratio / (peak.all / peak.one)).toFixed(2);
  };
  const showScaling = threads > 1 && peers.includes('one-thread');
  const header = [
    'row',
    'phase',
    'ms',
    'samples/s',
    'GFLOP/s',
    'of peak',
    ...peers,
    ...(showScaling ? ['scaling by peak'] : []),
  ];
  const body = rows.map((row) => [
    ...[row.name, row.phase, digits(row.ms)],
    row.samplesPerSecond === undefined ? '' : row.samplesPerSecond.toFixed(0),
    ...[digits(row.gflops), percent(row.gflops / peak.all)],
    ...peers.map((name) => (row.errors[name] === undefined ? peerCell(row.peers[name]) : 'error')),
    ...(showScaling ? [scaled(row)] : []),
  ]);
  return markdownTable(header, body, 2);
}

function peerCell(peer: PeerResult | undefined): string {
  return peer === undefined ? '' : `${digits(peer.ms)} (${peer.ratio.toFixed(2)})`;
}

/** Errors of peers and what was left out, as a list; none for none. */
function problems({ rows, skipped }: Results): string | undefined {
  const errors = rows.flatMap(({ name, phase, errors }) =>
    Object.entries(errors).map(([peer, error]) => `${name} ${phase}, ${peer}: ${error}`),
  );
  const lines = [...errors, ...skipped].map((line) => `- ${line}`);
  return lines.length === 0 ? undefined : lines.join('\n');
}

function startTable(rows: readonly RowResult[]): string | undefined {
  const networks = rows.filter(({ phase }) => phase !== 'op');
  if (networks.length === 0) return undefined;
  const mebibytes = (bytes: number): string => digits(bytes / 2 ** 20);
  return markdownTable(
    ['row', 'phase', 'first step, ms', 'wasm memory, MiB', 'peak of the process, MiB'],
    networks.map(({ name, phase, firstStepMs, memory }) => [
      ...[name, phase, digits(firstStepMs), mebibytes(memory.wasm), mebibytes(memory.resident)],
    ]),
    2,
  );
}

/** The results as data, for `--json`. */
export function toJSON(results: Results): object {
  const { machine, date, threads, clock, peak, initMs, files, rows, skipped } = results;
  return {
    machine,
    date,
    threads,
    clock,
    /** On all threads of the run; `shareOfPeak` is of this. */
    peakGflops: peak.all,
    peakGflopsOneThread: peak.one,
    initMs,
    wasm: files,
    rows: rows.map((row) => ({ ...row, threads, shareOfPeak: row.gflops / peak.all })),
    skipped,
  };
}
