import { clocks } from '../clocks.ts';
import type {
  LoadRequest,
  PeakReply,
  PeakRequest,
  ProfileReply,
  ProfileRequest,
  Request,
  RunReply,
  RunRequest,
} from '../protocol.ts';

/** A workload ready to run. */
export interface Job {
  note?: string;
  /** One step; asynchronous where the library is. */
  step(): void | Promise<void>;
  /** What {@link RunReply} calls values; after at least one step. */
  values(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Back to the first weights. */
  reset?(): void;
  memory?(): RunReply['memory'];
  profile?(request: ProfileRequest): ProfileReply;
  dispose?(): void;
}

/** How a contender makes a job of a request, and its loop for the peak where it has one. */
export interface Jobs {
  load: (request: LoadRequest) => Job | Promise<Job>;
  peak?: (request: PeakRequest) => PeakReply;
}

/** Answers requests, in whatever environment; those that cannot be answered reject. */
export function answering({ load, peak }: Jobs): (request: Request) => Promise<object> {
  let job: Job | undefined;
  return async (request) => {
    if (request.op === 'load') {
      job?.dispose?.();
      job = undefined;
      job = await load(request);
      return { note: job.note };
    }
    if (request.op === 'peak') {
      if (peak === undefined) throw new Error('has no peak loop');
      return peak(request);
    }
    if (job === undefined) throw new Error('nothing is loaded');
    if (request.op === 'profile') {
      if (job.profile === undefined) throw new Error('has no profile');
      return job.profile(request);
    }
    return run(job, request);
  };
}

async function run(job: Job, { steps, reset, clock }: RunRequest): Promise<RunReply> {
  if (reset) job.reset?.();
  const now = clocks[clock];
  const started = now();
  for (let step = 0; step < steps; step++) {
    const pending = job.step();
    if (pending !== undefined) await pending;
  }
  const ms = now() - started;
  const values = Array.from(await job.values());
  const memory = job.memory?.();
  return memory === undefined ? { ms, values } : { ms, values, memory };
}
