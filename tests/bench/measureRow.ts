import { COMPARED_STEPS, disagreement } from './agreement.ts';
import type { ClockName } from './clocks.ts';
import type { Contender } from './contender.ts';
import type { TensorFiles } from './data.ts';
import type { PeerSpec } from './peers.ts';
import type { RunReply } from './protocol.ts';
import { flopsOf, samplesOf } from './shapes.ts';
import { median } from './median.ts';
import { Slices } from './slices.ts';
import type { Row } from './workloads.ts';

export interface Timing {
  /** Pairs of slices, ours and a peer's. */
  rounds: number;
  /** Milliseconds that a slice lasts at least. */
  sliceMs: number;
  clock: ClockName;
}

export interface PeerResult {
  /** Per step, median. */
  ms: number;
  /** Its time by ours, median over pairs that were measured one right after the other; above 1 we are faster. */
  ratio: number;
  /** What it chose, for example a memory layout. */
  note?: string;
}

export interface RowResult {
  name: string;
  phase: Row['phase'];
  /** Per step, median. */
  ms: number;
  samplesPerSecond?: number;
  gflops: number;
  build: string;
  /** The first step after loading: plan and compilation of the wasm are in it. */
  firstStepMs: number;
  memory: NonNullable<RunReply['memory']>;
  peers: Record<string, PeerResult>;
  /** Of peers that failed, or computed something else. */
  errors: Record<string, string>;
}

/** A peer that is running. */
export interface Peer {
  spec: PeerSpec;
  contender: Contender;
}

interface Pair {
  ours: number;
  theirs: number;
}

/** A peer whose steps take longer is measured by the steps that are compared, and no further. */
const SLOW_STEP_MS = 1500;

/** Our own warming up takes at least so long: V8 optimizes wasm in the background. */
const WARM_UP_MS = 400;

/**
 * One row: our first steps; each peer's first steps, compared with ours; then slices of ours and of the peers in turn.
 * Rejects when our own side fails; what a peer does wrong is part of the result.
 */
export async function measureRow(
  our: Contender,
  peers: readonly Peer[],
  row: Row,
  { tensors, timing }: { tensors: TensorFiles; timing: Timing },
): Promise<RowResult> {
  const { workload, phase } = row;
  const { rounds, sliceMs } = timing;
  const { note: build = '' } = await our.load({ workload, phase, tensors });
  const ours = new Slices(our, timing);
  const first: RunReply[] = [];
  for (let step = 0; step < COMPARED_STEPS; step++) first.push(await ours.step());
  await ours.warmUp(Math.max(WARM_UP_MS, 2 * sliceMs));

  const errors: Record<string, string> = {};
  const running: { name: string; note: string | undefined; slices: Slices; pairs: Pair[] }[] = [];
  const measured: typeof running = [];
  for (const { spec, contender } of peers) {
    try {
      const { note } = await contender.load({ workload, phase, tensors });
      const entry = { name: spec.name, note, slices: new Slices(contender, timing), pairs: [] as Pair[] };
      const replies: RunReply[] = [];
      for (let step = 0; step < COMPARED_STEPS; step++) {
        const before = await ours.next();
        replies.push(await entry.slices.step());
        if (step > 0) entry.pairs.push({ ours: before, theirs: replies[step]!.ms });
      }
      const wrong = spec.sameWork ? disagreement(row, values(first), values(replies)) : undefined;
      if (wrong !== undefined) throw new Error(wrong);
      if (replies.at(-1)!.ms <= SLOW_STEP_MS) {
        await entry.slices.warmUp(sliceMs);
        entry.pairs = [];
        running.push(entry);
      }
      measured.push(entry);
    } catch (error) {
      errors[spec.name] = (error as Error).message;
    }
  }

  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (running.length === 0) alone.push(await ours.next());
    for (const { slices, pairs } of running) pairs.push({ ours: await ours.next(), theirs: await slices.next() });
  }
  const ms = median([...alone, ...measured.flatMap(({ pairs }) => pairs.map((pair) => pair.ours))]);
  const samples = samplesOf(workload);
  return {
    name: workload.name,
    phase,
    ms,
    ...(samples === undefined ? {} : { samplesPerSecond: (samples * 1000) / ms }),
    gflops: flopsOf(workload, phase) / ms / 1e6,
    build,
    firstStepMs: first[0]!.ms,
    memory: first.at(-1)!.memory ?? { wasm: NaN, resident: NaN },
    peers: Object.fromEntries(measured.map(({ name, note, pairs }) => [name, resultOf(pairs, note)])),
    errors,
  };
}

function resultOf(pairs: readonly Pair[], note: string | undefined): PeerResult {
  const ms = median(pairs.map(({ theirs }) => theirs));
  const ratio = median(pairs.map(({ ours, theirs }) => theirs / ours));
  return note === undefined ? { ms, ratio } : { ms, ratio, note };
}

function values(replies: readonly RunReply[]): number[][] {
  return replies.map((reply) => reply.values);
}
