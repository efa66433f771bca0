import type { ActivationName, Sequential } from 'fourlane';
import { oneHot } from 'fourlane/data';
import { seedThreeLayer } from 'fourlane/presets';
import { Random } from '../random.ts';
import type { Pictures, Problem } from './problem.ts';

/** Height and width of a picture. */
export const SIDE = 10;
const CLASSES = 3;
/** Samples of a step, all there are. */
const SAMPLES = 60;
const TEST_SAMPLES = 600;
/** Standard deviation of a pixel around the pattern of its class, whose own is 1/3: classes overlap. */
const NOISE = 1;

/** Activations of the small network. */
export interface SmallNetworkOptions {
  seed: number;
  /** f1. Default `relu`. */
  activation1?: ActivationName;
  /** f3. Default `tanh`. */
  activation3?: ActivationName;
  /** f4. Default `linear`. */
  activation4?: ActivationName;
}

/** Four kernels of 3 x 3 on 10 x 10, then 64-16-3. */
export function smallNetwork(options: SmallNetworkOptions): Sequential {
  const sizes = { inputShape: [SIDE, SIDE, 1], filters: 4, units: 16, classes: CLASSES } as const;
  return seedThreeLayer({ ...sizes, activation3: 'tanh', ...options });
}

/** Noisy pictures of a random pattern per class, classes in turn. */
export function noisyPatterns(seed: number): { train: Pictures; test: Pictures } {
  const random = new Random(seed);
  const patterns = Array.from({ length: CLASSES }, () => smooth(random.normals(SIDE ** 2)));
  const part = (count: number): Pictures => {
    const labels = Uint8Array.from({ length: count }, (_, n) => n % CLASSES);
    const data = new Float32Array(count * SIDE ** 2);
    data.forEach((_, i) => {
      const pattern = patterns[labels[Math.floor(i / SIDE ** 2)]!]!;
      data[i] = pattern[i % SIDE ** 2]! + NOISE * random.normal();
    });
    return { images: { data, shape: [count, SIDE, SIDE, 1] }, labels: { data: labels, shape: [count] } };
  };
  return { train: part(SAMPLES), test: part(TEST_SAMPLES) };
}

/** Each pixel the mean of the 3 x 3 around it, across the edges: a convolution can see it. */
function smooth(picture: Float32Array): Float32Array {
  const at = (row: number, column: number): number => picture[((row + SIDE) % SIDE) * SIDE + ((column + SIDE) % SIDE)]!;
  const steps = [-1, 0, 1];
  return picture.map((_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    const sum = steps.flatMap((dy) => steps.map((dx) => at(row + dy, column + dx))).reduce((a, b) => a + b, 0);
    return sum / 9;
  });
}

/** The small problem of MODEL section 5: all samples in every step. */
export function syntheticProblem(output: 'linear' | 'sigmoid'): Problem {
  return {
    name: `small network, ${output === 'linear' ? 'identity' : output} output`,
    output,
    task(seed) {
      const { train, test } = noisyPatterns(seed);
      const batch = { x: train.images, y: oneHot(train.labels, CLASSES) };
      return { model: smallNetwork({ seed, activation4: output }), batch: () => batch, test };
    },
  };
}
