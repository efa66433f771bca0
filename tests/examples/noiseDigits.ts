import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idxBytes } from '../data/idxBytes.ts';
import { Numbers } from '../support/numbers.ts';

/** A folder that goes away again. */
export interface DigitsFolder {
  path: string;
  remove(): void;
}

/**
 * A folder of MNIST's files with `train` digits to train on and 20 to test with: noise, of each class in a band of rows
 * of its own.
 */
export function noiseDigits(train: number): DigitsFolder {
  const path = mkdtempSync(join(tmpdir(), 'fourlane-digits-'));
  const numbers = new Numbers(1);
  const write = (name: string, count: number) => {
    const labels = Array.from({ length: count }, (_, i) => i % 10);
    const pixel = (label: number, row: number) => (Math.floor(row / 2.8) === label ? 200 + numbers.integer(56) : 0);
    const pixels = labels.flatMap((label) => Array.from({ length: 784 }, (_, at) => pixel(label, Math.floor(at / 28))));
    writeFileSync(join(path, `${name}-images-idx3-ubyte`), idxBytes([count, 28, 28], pixels));
    writeFileSync(join(path, `${name}-labels-idx1-ubyte`), idxBytes([count], labels));
  };
  write('train', train);
  write('t10k', 20);
  return { path, remove: () => rmSync(path, { recursive: true }) };
}
