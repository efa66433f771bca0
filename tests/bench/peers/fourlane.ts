// This library, as a contender: `fourlane.ts '{"build": "relaxed", "threads": 2}'`.
import type { EngineOptions } from '../../../ts/engine/engineOptions.ts';
import { createEngine } from '../../../ts/entrypoints/node.ts';
import { fourlaneJobs } from './fourlaneJobs.ts';
import { answering } from './job.ts';
import { serve } from './serve.ts';
import { readTensors } from './tensors.ts';

const engine = await createEngine(JSON.parse(process.argv[2] ?? '{}') as EngineOptions);
const memory = () => ({ wasm: engine.memory().byteLength, resident: process.resourceUsage().maxRSS * 1024 });

serve(answering(fourlaneJobs(engine, readTensors, memory)));
