import { parseArgs } from 'node:util';
import type { Timing } from './measureRow.ts';
import { peerSpecs, type PeerSpec } from './peers.ts';
import { rowsNamed, type Row } from './workloads.ts';

/** What `npm run bench -- ...` was asked for. */
export interface BenchOptions {
  rows: readonly Row[];
  peers: readonly PeerSpec[];
  threads: number;
  /** The engine's own choice where absent. */
  build: string | undefined;
  timing: Timing;
  profile: boolean;
  /** Keep one core busy with another process. */
  busy: boolean;
  /** File for the results. */
  json: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --quick          short measurements, slow peers left out; under two minutes
  --only ROWS      rows whose names start so: W4,gemm,"conv weight"
  --peers NAMES    ${peerSpecs.map(({ name }) => name).join(',')} or none; default all that are there
  --threads N      threads of every row; default 1. From 2 on, one thread is a peer
  --build NAME     simd or relaxed; default what the engine chooses
  --profile        also time and GFLOP/s of every step of each network's plan
  --busy           a process of its own keeps one core busy meanwhile
  --cpu            time of a processor instead of the clock's, where others use the machine; one thread only
  --json FILE      also write the results to a file`;

const FULL = { rounds: 9, sliceMs: 200 };
const QUICK = { rounds: 3, sliceMs: 50 };

/** What is wrong with a command line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads the command line. Throws a UsageError for what it does not know. */
export function readOptions(args: readonly string[]): BenchOptions {
  try {
    return read(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function read(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      threads: { type: 'string', default: '1' },
      build: { type: 'string' },
      profile: { type: 'boolean', default: false },
      busy: { type: 'boolean', default: false },
      cpu: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`--threads: expected a number from 1, got ${values.threads}`);
  if (values.cpu && threads > 1) throw new Error(`--cpu: goes with one thread, got --threads ${threads}`);
  return {
    rows: rowsNamed(values.only?.split(',')),
    peers: values.peers === undefined ? defaultPeers(values.quick, threads) : peersNamed(values.peers),
    threads,
    build: values.build,
    timing: { ...(values.quick ? QUICK : FULL), clock: values.cpu ? 'cpu' : 'wall' },
    profile: values.profile,
    busy: values.busy,
    json: values.json,
  };
}

function defaultPeers(quick: boolean, threads: number): PeerSpec[] {
  return peerSpecs.filter(({ name, slow }) => !(quick && slow) && !(name === 'one-thread' && threads === 1));
}

function peersNamed(list: string): PeerSpec[] {
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    const spec = peerSpecs.find((peer) => peer.name === name);
    if (spec === undefined)
      throw new Error(`--peers: no peer "${name}"; peers: ${peerSpecs.map((peer) => peer.name).join(', ')}`);
    return spec;
  });
}
