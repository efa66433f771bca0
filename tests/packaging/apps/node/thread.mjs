// The library in a worker of the app's own.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as fourlane from 'fourlane';
import * as worker from 'fourlane/worker';
import { everywhere } from './everywhere.mjs';

if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  thread.on('message', (results) => console.log(JSON.stringify(results)));
} else {
  parentPort.postMessage(await everywhere(fourlane, worker));
}
