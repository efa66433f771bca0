import { oneHot, shuffledIndices, type LabelledImages } from 'fourlane/data';
import { seedThreeLayer } from 'fourlane/presets';
import type { Digits } from '../../digits/loadDigits.ts';
import { INPUT_SCALE } from '../../mnist-node/recipe.ts';
import type { Problem } from './problem.ts';

/** Samples of a step, as in the paper. */
export const SAMPLES = 100;
const TEST_SAMPLES = 500;

/** At most `most` of the digits, drawn at random without putting them back. */
function draw(seed: number, most: number, { images, labels }: LabelledImages): LabelledImages {
  const [total, ...shape] = images.shape;
  const pixels = images.data.length / total!;
  const places = shuffledIndices(total!, seed).subarray(0, most);
  const count = places.length;
  const data = new Uint8Array(count * pixels);
  places.forEach((place, n) => data.set(images.data.subarray(place * pixels, (place + 1) * pixels), n * pixels));
  const drawn = Uint8Array.from(places, (place) => labels.data[place]!);
  return {
    images: { data, shape: [count, ...shape], scale: INPUT_SCALE },
    labels: { data: drawn, shape: [count] },
  };
}

/** The paper's three-layer network on the paper's number of digits, all of them in every step. */
export function digitsProblem({ train, test }: Digits): Problem {
  return {
    name: "the paper's network, digits",
    output: 'linear',
    task(seed) {
      const { images, labels } = draw(seed, SAMPLES, train);
      const batch = { x: images, y: oneHot(labels, 10) };
      return { model: seedThreeLayer({ seed }), batch: () => batch, test: draw(seed, TEST_SAMPLES, test) };
    },
  };
}
