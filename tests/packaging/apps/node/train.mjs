import * as fourlane from 'fourlane';
import * as worker from 'fourlane/worker';
import { everywhere } from './everywhere.mjs';

console.log(JSON.stringify(await everywhere(fourlane, worker)));
