import { init, layers, sequential, sgd } from './node_modules/fourlane/dist/browser.js';
import { createTrainer } from './node_modules/fourlane/dist/worker.js';
import { show, train } from './onPage.js';

show(train({ init, layers, sequential, sgd }, createTrainer));
