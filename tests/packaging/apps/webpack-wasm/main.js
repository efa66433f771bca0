import { init, layers, sequential, sgd } from 'fourlane/bundler';
import { show, train } from './onPage.js';

show(train({ init, layers, sequential, sgd }));
