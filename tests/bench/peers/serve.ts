import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { clocks } from '../clocks.ts';
import type { TensorFile } from '../data.ts';
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

/** Answers requests until standard input ends. What the library prints goes to standard error. */
export function serve(
  load: (request: LoadRequest) => Job | Promise<Job>,
  peak?: (request: PeakRequest) => PeakReply,
): void {
  const answer = process.stdout.write.bind(process.stdout);
  console.log = console.info = console.error;
  let job: Job | undefined;

  const handle = async (request: Request): Promise<object> => {
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

  let last = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    last = last
      .then(() => handle(JSON.parse(line) as Request))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((reply) => void answer(`${JSON.stringify(reply)}\n`));
  });
  lines.on('close', () => process.exit());
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

/** The elements of a file. */
export function readTensor({ file, dtype }: TensorFile): Float32Array | Int32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  return dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
}

/** As {@link readTensor}, of a float32 file. Throws for integers. */
export function readFloats(tensor: TensorFile | undefined): Float32Array {
  const values = tensor && readTensor(tensor);
  if (!(values instanceof Float32Array)) throw new Error(`no float32 tensor: ${JSON.stringify(tensor)}`);
  return values;
}
