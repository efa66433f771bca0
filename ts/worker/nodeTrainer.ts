// The program of a trainer's thread in Node.
import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import { init } from '../entrypoints/node.ts';
import { nodeEndpoint } from './nodeEndpoint.ts';
import { makeService } from './service.ts';

expose(makeService(init), nodeEndpoint(parentPort!));
