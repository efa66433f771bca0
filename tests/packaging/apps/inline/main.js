import { init, layers, sequential, sgd } from './node_modules/fourlane/dist/inline.js';
import { show, train } from './onPage.js';

show(train({ init, layers, sequential, sgd }));
