// The program of a helper thread in Node.
import { parentPort } from 'node:worker_threads';
import type { HelperTask } from '../platform.ts';
import { serve } from './serve.ts';

// Once: without a listener nothing keeps the thread alive afterwards.
parentPort!.once('message', (task: HelperTask) => serve(task, (message) => parentPort!.postMessage(message)));
