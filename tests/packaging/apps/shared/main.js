import { init, layers, sequential, sgd } from 'fourlane';
import { createTrainer } from 'fourlane/worker';
import { show, train } from './onPage.js';

show(train({ init, layers, sequential, sgd }, createTrainer));
