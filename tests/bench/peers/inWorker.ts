// This library in a worker of a page; `chromium.ts` bundles it and hands requests over. The options of its engine are the
// query of its address.
import type { EngineOptions } from '../../../ts/engine/engineOptions.ts';
import { createEngine } from '../../../ts/entrypoints/browser.ts';
import type { TensorFile, TensorFiles } from '../data.ts';
import type { Tensors } from '../tensors.ts';
import type { Request } from '../protocol.ts';
import { fourlaneJobs } from './fourlaneJobs.ts';
import { answering } from './job.ts';

async function fetchTensor({ file, dtype }: TensorFile): Promise<Float32Array | Int32Array> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  return dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
}

async function fetchTensors(files: TensorFiles): Promise<Tensors> {
  const tensors = Object.entries(files).map(async ([name, file]) => [name, await fetchTensor(file)] as const);
  return Object.fromEntries(await Promise.all(tensors));
}

const options = JSON.parse(decodeURIComponent(location.search.slice(1))) as EngineOptions;
const handle = createEngine(options).then((engine) => answering(fourlaneJobs(engine, fetchTensors)));

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    postMessage({ reply: await (await handle)(data) });
  } catch (error) {
    postMessage({ error: (error as Error).message });
  }
};
