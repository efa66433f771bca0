'use client';

import { useEffect } from 'react';
import { init, layers, sequential, sgd } from 'fourlane';
import { createTrainer } from 'fourlane/worker';
import { show, train } from '../onPage.js';

export function Training() {
  useEffect(() => void show(train({ init, layers, sequential, sgd }, createTrainer)), []);
  return <p id="result">Training</p>;
}
