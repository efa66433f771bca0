// `npm run bench`: training, prediction and single operations, as shares of the peak that the same wasm reaches in the
// same run, and beside peers that take turns with us. See options.ts for what it takes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contender } from './contender.ts';
import { keepCoreBusy, Peers } from './contenders.ts';
import { writeData } from './data.ts';
import { machineName, measureInit, measurePeak, wasmFiles } from './machine.ts';
import { measureRow, type RowResult } from './measureRow.ts';
import { readOptions, USAGE, UsageError, type BenchOptions } from './options.ts';
import { ours } from './peers.ts';
import { profileTable } from './profile.ts';
import { markdown, rowLine, toJSON, type Results } from './report.ts';
import type { Row } from './workloads.ts';

const PROFILE_REPEATS = 15;

async function main(options: BenchOptions): Promise<void> {
  const { threads, build, rows, json } = options;
  console.log(`${machineName()}, ${threads} thread${threads > 1 ? 's' : ''}`);
  const peers = new Peers(options.peers, threads, build);
  for (const line of peers.missing) console.log(line);
  const peak = await measurePeak(threads, build, options.timing.clock);
  console.log(
    `peak ${peak.one.toFixed(1)} GFLOP/s on one thread${threads > 1 ? `, ${peak.all.toFixed(1)} on ${threads}` : ''}`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'fourlane-bench-'));
  const busy = options.busy ? keepCoreBusy(build) : undefined;
  const measured: RowResult[] = [];
  const skipped: string[] = [];
  try {
    for (const row of rows) {
      try {
        const result = await measure(row, peers, folder, options);
        measured.push(result);
        console.log(rowLine(result, peak));
      } catch (error) {
        const line = `${row.workload.name} ${row.phase} is skipped: ${(error as Error).message}`;
        skipped.push(line);
        console.log(line);
      }
    }
  } finally {
    peers.stop();
    busy?.stop();
    rmSync(folder, { recursive: true });
  }
  const initMs = await measureInit(threads, build).catch((error: unknown) => {
    skipped.push(`init() is skipped: ${(error as Error).message.split('\n')[0]}`);
    return NaN;
  });
  const results: Results = {
    machine: machineName(),
    date: new Date().toISOString().slice(0, 10),
    threads,
    clock: options.timing.clock,
    peak,
    initMs,
    files: wasmFiles(),
    peers: peers.names,
    rows: measured,
    skipped: [...peers.missing, ...skipped],
  };
  console.log(`\n${markdown(results)}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(toJSON(results), undefined, 2)}\n`);
  if (measured.some(({ errors }) => Object.keys(errors).length > 0)) process.exitCode = 1;
}

/** A process of our own for each row, so that first steps and memory are those of a fresh one. */
async function measure(row: Row, peers: Peers, folder: string, options: BenchOptions): Promise<RowResult> {
  const { threads, build, timing } = options;
  const our = new Contender('fourlane', ours(threads, build));
  try {
    const tensors = writeData(row.workload, folder);
    const result = await measureRow(our, peers.of(row), row, { tensors, timing });
    if (options.profile && row.phase !== 'op') {
      const profile = await our.profile({ repeats: PROFILE_REPEATS, clock: timing.clock });
      console.log(`\n${profileTable(`${result.name}, ${result.phase}`, profile)}\n`);
    }
    return result;
  } finally {
    our.stop();
  }
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  const { message, cause } = error as Error;
  console.error(`bench: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  process.exitCode = 2;
}
