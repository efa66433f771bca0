// The program of a trainer's thread in browsers. Shipped as one file, as some bundlers copy it as it is.
import { expose } from 'comlink';
import { init } from '../entrypoints/browser.ts';
import { holdLifeline } from './lifeline.ts';
import { makeService } from './service.ts';

expose(makeService(init, holdLifeline));
